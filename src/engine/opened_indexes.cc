#include "engine/opened_indexes.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "base/try.h"
#include "engine/index_access.h"

namespace coderank {
namespace {

// Each holds a few descriptors and mappings; more trees are seldom searched in turns.
constexpr size_t kMostKept = 16;

struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
};

FileIdentity DatabaseOf(const std::filesystem::path& folder) {
  struct stat info {};
  if (::lstat((folder / IndexStore::kDatabaseName).c_str(), &info) != 0) return {};
  return {.device = info.st_dev, .inode = info.st_ino};
}

Result<std::shared_ptr<OpenedIndex>> Open(const IndexLocation& location,
                                          const kernels::KernelSet& kernels) {
  const FileIdentity identity = DatabaseOf(location.folder);
  CODERANK_ASSIGN(IndexStore store, OpenIndexForReading(location));
  CODERANK_ASSIGN(const int64_t version, store.DataVersion());
  CODERANK_ASSIGN(VectorPlace place, ReadVectorPlace(store));
  CODERANK_ASSIGN(const StoreGeneration generation, store.Generation());
  CODERANK_ASSIGN(IndexSegments segments, IndexSegments::Open(store, location.folder, kernels));
  return std::make_shared<OpenedIndex>(OpenedIndex{.store = std::move(store),
                                                   .segments = std::move(segments),
                                                   .place = std::move(place),
                                                   .server = {},
                                                   .generation = generation,
                                                   .data_version = version,
                                                   .counts = {},
                                                   .folder = location.folder,
                                                   .device = identity.device,
                                                   .inode = identity.inode});
}

Status BringUpToDate(OpenedIndex& index, const kernels::KernelSet& kernels) {
  CODERANK_ASSIGN(const int64_t version, index.store.DataVersion());
  if (version == index.data_version) return OkStatus();
  CODERANK_ASSIGN(const StoreGeneration generation, index.store.Generation());
  CODERANK_ASSIGN(VectorPlace place, ReadVectorPlace(index.store));
  index.counts.reset();
  const bool moved = place != index.place;
  if (moved) {
    index.place = std::move(place);
    index.server.reset();
  }
  if (moved || generation != index.generation) {
    CODERANK_ASSIGN(index.segments, IndexSegments::Open(index.store, index.folder, kernels));
    index.generation = generation;
  }
  index.data_version = version;
  return OkStatus();
}

}  // namespace

Result<StoreCounts> OpenedIndex::Count() {
  if (!counts) {
    CODERANK_ASSIGN(counts, store.Count());
  }
  return *counts;
}

Result<std::shared_ptr<OpenedIndex>> OpenedIndexes::Get(const IndexLocation& location,
                                                        const kernels::KernelSet& kernels) {
  std::shared_ptr<OpenedIndex> found;
  const auto place = std::find_if(kept_.begin(), kept_.end(), [&location](const auto& index) {
    return index->folder == location.folder;
  });
  if (place != kept_.end()) {
    found = std::move(*place);
    kept_.erase(place);
    const FileIdentity now = DatabaseOf(location.folder);
    const bool same = now.inode == found->inode && now.device == found->device;
    if (!same || !BringUpToDate(*found, kernels).ok()) found = nullptr;
  }
  if (found == nullptr) {
    CODERANK_ASSIGN(found, Open(location, kernels));
  }
  if (kept_.size() == kMostKept) kept_.erase(kept_.begin());
  kept_.push_back(found);
  return found;
}

}  // namespace coderank
