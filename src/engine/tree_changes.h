// In which files a tree differs from its index, found by looking at names, sizes and times only.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "coderank/cancellation.h"
#include "coderank/result.h"
#include "source/walker.h"
#include "store/index_store.h"

namespace coderank {

struct TreeChanges {
  std::vector<WalkedFile> present;  // not in the index, or with another stamp
  std::vector<std::string> gone;    // in the index alone

  size_t size() const { return present.size() + gone.size(); }
  bool empty() const { return size() == 0; }
};

struct TreeComparison {
  bool complete = false;  // false: the time was over; the counts are what was found until then
  uint64_t new_files = 0;
  uint64_t changed_files = 0;
  uint64_t removed_files = 0;
  // The first kMostListed of them, and files that were read just after they changed: these are
  // worth another look, and no change that is known of.
  TreeChanges changes;

  static constexpr size_t kMostListed = 1024;
  uint64_t total() const { return new_files + changed_files + removed_files; }
};

// Walks the tree beside the list of indexed files. `time_limit` 0: to the end.
Result<TreeComparison> CompareTree(const IndexStore& store, const std::filesystem::path& root,
                                   const WalkOptions& walk, std::chrono::milliseconds time_limit,
                                   const CancellationToken* cancel);

// The same for given paths relative to the root, to the end. A path that the walk would not reach
// is gone if the index has it.
Result<TreeComparison> CompareAt(const IndexStore& store, const std::filesystem::path& root,
                                 const WalkOptions& walk, std::span<const std::string> paths);

}  // namespace coderank
