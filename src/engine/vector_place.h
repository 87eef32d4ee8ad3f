// Where the vectors of an index are searched: in files beside it, or in a collection of a Qdrant
// server. The index says so itself, in its meta table; its store has all vectors either way.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "coderank/result.h"
#include "store/index_store.h"

namespace coderank {

struct VectorPlace {
  std::string url;         // of the server; empty: in files
  std::string collection;  // empty: in files

  bool in_collection() const { return !collection.empty(); }
  bool operator==(const VectorPlace&) const = default;
};

Result<VectorPlace> ReadVectorPlace(const IndexStore& store);
// Call where nothing has been sent to the new place yet.
Status WriteVectorPlace(IndexStore& store, const VectorPlace& place);

// Whether the collection was told of everything that the store has now, as far as is known here.
Result<bool> HasFollowed(const IndexStore& store);
Status RecordFollowed(IndexStore& store);

// The name that a collection gets where none is given: of the folder and the index, such as
// "linux-3f29c01b".
std::string DefaultCollection(const std::filesystem::path& root, std::string_view index_id);

}  // namespace coderank
