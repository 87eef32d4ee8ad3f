#include "engine/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "base/strings.h"
#include "base/try.h"

namespace coderank {
namespace {

constexpr std::chrono::milliseconds kRetryInterval{50};
constexpr int kMaxVanished = 100;  // a folder that is created but never there is a dangling link

// The descriptor's folder still stands at this path.
bool StillThere(int fd, const std::filesystem::path& folder) {
  struct stat opened {};
  struct stat there {};
  return ::fstat(fd, &opened) == 0 && ::stat(folder.c_str(), &there) == 0 &&
         opened.st_ino == there.st_ino && opened.st_dev == there.st_dev;
}

enum class Outcome { kLocked, kHeld, kVanished, kFailed };

// Leaves the reason of kFailed in errno.
Outcome TryLock(const std::filesystem::path& folder, UniqueFd& fd) {
  fd = UniqueFd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return errno == ENOENT ? Outcome::kVanished : Outcome::kFailed;
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) {
    return StillThere(fd.get(), folder) ? Outcome::kLocked : Outcome::kVanished;
  }
  return errno == EWOULDBLOCK || errno == EINTR ? Outcome::kHeld : Outcome::kFailed;
}

}  // namespace

Result<FolderLock> FolderLock::Acquire(const std::filesystem::path& folder,
                                       const CancellationToken* cancel,
                                       const std::function<void()>& on_wait) {
  int vanished = 0;
  for (bool waited = false;;) {
    CODERANK_TRY(CreatePrivateFolder(folder));
    UniqueFd fd;
    const Outcome outcome = TryLock(folder, fd);
    if (outcome == Outcome::kLocked) return FolderLock(std::move(fd));
    if (outcome == Outcome::kVanished && ++vanished < kMaxVanished) continue;
    if (outcome != Outcome::kHeld) return ErrnoStatus(errno, folder, "cannot lock the folder");
    if (!waited && on_wait) on_wait();
    waited = true;
    if (IsCancelled(cancel)) {
      return Cancelled(StrCat(folder, ": gave up waiting for another coderank"));
    }
    std::this_thread::sleep_for(kRetryInterval);
  }
}

std::optional<FolderLock> FolderLock::TryAcquire(const std::filesystem::path& folder) {
  UniqueFd fd;
  if (TryLock(folder, fd) != Outcome::kLocked) return std::nullopt;
  return FolderLock(std::move(fd));
}

}  // namespace coderank
