// An exclusive lock on a folder, for one process at a time.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "base/file.h"
#include "coderank/cancellation.h"
#include "coderank/result.h"

namespace coderank {

// Held until destroyed, or until the process ends, however it ends. The folder may be removed by
// its holder: who waited for it then locks a new one.
class FolderLock {
 public:
  // Creates the folder where needed. `on_wait` is called once, when another holds the lock;
  // kCancelled when told so while waiting.
  static Result<FolderLock> Acquire(const std::filesystem::path& folder,
                                    const CancellationToken* cancel,
                                    const std::function<void()>& on_wait = {});
  // No value when there is no such folder or another holds it.
  static std::optional<FolderLock> TryAcquire(const std::filesystem::path& folder);

 private:
  explicit FolderLock(UniqueFd fd) : fd_(std::move(fd)) {}

  UniqueFd fd_;
};

}  // namespace coderank
