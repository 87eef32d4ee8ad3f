// Indexes that stay open between the searches of one engine.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "engine/index_location.h"
#include "engine/vector_place.h"
#include "kernels/kernel_set.h"
#include "qdrant/client.h"
#include "search/index_segments.h"
#include "store/index_store.h"

namespace coderank {

struct OpenedIndex {
  IndexStore store;
  IndexSegments segments;
  VectorPlace place;
  std::optional<qdrant::Client> server;  // of the place; made by who asks it first
  StoreGeneration generation;            // when the segments were opened
  int64_t data_version = 0;              // of the store, when `generation` was read
  std::optional<StoreCounts> counts;
  std::filesystem::path folder;
  dev_t device = 0;  // of the database file: a folder that was cleared and made again has another
  ino_t inode = 0;

  // Counting reads whole tables; it is done once for a state of the database.
  Result<StoreCounts> Count();
};

class OpenedIndexes {
 public:
  // As of now: what others have committed since is seen. kNotFound without a database.
  Result<std::shared_ptr<OpenedIndex>> Get(const IndexLocation& location,
                                           const kernels::KernelSet& kernels);

 private:
  std::vector<std::shared_ptr<OpenedIndex>> kept_;  // least recently used first
};

}  // namespace coderank
