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

UniqueFd OpenFolder(const std::filesystem::path& folder) {
  return UniqueFd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
}

// The descriptor's folder still stands at this path.
bool StillThere(int fd, const std::filesystem::path& folder) {
  struct stat opened {};
  struct stat there {};
  return ::fstat(fd, &opened) == 0 && ::lstat(folder.c_str(), &there) == 0 &&
         opened.st_ino == there.st_ino && opened.st_dev == there.st_dev;
}

}  // namespace

Result<FolderLock> FolderLock::Acquire(const std::filesystem::path& folder,
                                       const CancellationToken* cancel,
                                       const std::function<void()>& on_wait) {
  for (bool waited = false;;) {
    CODERANK_TRY(CreatePrivateFolder(folder));
    UniqueFd fd = OpenFolder(folder);
    if (!fd.valid()) {
      if (errno == ENOENT) continue;  // removed meanwhile by its last holder
      return ErrnoStatus(errno, folder, "cannot open the folder");
    }
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) {
      if (StillThere(fd.get(), folder)) return FolderLock(std::move(fd));
      continue;
    }
    if (errno != EWOULDBLOCK && errno != EINTR) {
      return ErrnoStatus(errno, folder, "cannot lock the folder");
    }
    if (!waited && on_wait) on_wait();
    waited = true;
    if (cancel != nullptr && cancel->IsCancelled()) {
      return Cancelled(StrCat(folder, ": gave up waiting for another coderank"));
    }
    std::this_thread::sleep_for(kRetryInterval);
  }
}

bool FolderLock::IsFree(const std::filesystem::path& folder) {
  const UniqueFd fd = OpenFolder(folder);
  return fd.valid() && ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0;
}

}  // namespace coderank
