// What a collection was given of an index: its chunks and their points. With it a push of a few
// changes does not have to read the collection.
//
// A file beside the index. It is derived and belongs to one state of the collection, which says
// that state too; where either is another, or the file is gone or damaged, the collection is read.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include "coderank/result.h"
#include "qdrant/point.h"
#include "store/index_store.h"

namespace coderank {

struct PushLedger {
  // The file's name inside an index folder.
  static constexpr std::string_view kFileName = "vectors.pushed";

  struct Entry {
    int64_t chunk = 0;
    std::array<uint8_t, 16> point{};  // a UUID

    qdrant::PointId PointOf() const;
  };

  StoreGeneration generation;
  std::vector<Entry> entries;  // ascending by chunk, no chunk twice

  // `id` has to be a UUID.
  void Add(int64_t chunk, const qdrant::PointId& id);
};

// `target` tells collections apart: index, server and name. kNotFound without a file, kCorrupt
// where it is damaged, kFailedPrecondition where it is of another target.
Result<PushLedger> ReadPushLedger(const std::filesystem::path& file, std::string_view target);
Status WritePushLedger(const std::filesystem::path& file, std::string_view target,
                       const PushLedger& ledger);

}  // namespace coderank
