// An index's chunks and vectors in a collection, for searches by several machines and by other
// programs.
//
// The same id is the same point (pushed_point.h): a push writes what is missing, removes what is
// gone, and a killed one is continued by the next, which reads the collection to find out what is
// there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "coderank/cancellation.h"
#include "coderank/result.h"
#include "kernels/kernel_set.h"
#include "qdrant/client.h"
#include "store/index_store.h"

namespace coderank {

struct PushOptions {
  // Nothing is compared where the collection says that it has taken in the store as it is now, and
  // has as many points as then.
  bool only_if_behind = false;
  // Folder of a PushLedger, by which a few changes are written without reading the collection;
  // empty: none is kept.
  std::filesystem::path ledger_folder;
  std::function<void(uint64_t done, uint64_t all)> progress;  // points; after each batch
  const CancellationToken* cancel = nullptr;
};

struct PushCounts {
  uint64_t points = 0;   // that the collection has now
  uint64_t pending = 0;  // chunks without a vector: they come with a later push
  uint64_t written = 0;
  uint64_t removed = 0;
};

// kFailedPrecondition where the collection was made by others, or of another index or model.
Result<PushCounts> PushIndex(const IndexStore& store, const kernels::KernelSet& kernels,
                             qdrant::Client& client, const std::string& collection,
                             const PushOptions& options);
// Whether it could be, as far as can be told without vectors: that the server answers, and that the
// collection is not there, or is this index's.
Status CheckPushTarget(const IndexStore& store, qdrant::Client& client,
                       const std::string& collection);

}  // namespace coderank
