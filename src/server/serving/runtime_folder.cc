#include "server/serving/runtime_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/strings.h"
#include "base/try.h"
#include "base/user_folders.h"

namespace coderank::server {
namespace {

namespace fs = std::filesystem;

Result<fs::path> Place() {
  const fs::path runtime(Environment("XDG_RUNTIME_DIR"));
  if (runtime.is_absolute()) return runtime / "coderank";
  CODERANK_ASSIGN(const UserFolders folders, FindUserFolders());
  return folders.state / "run";
}

}  // namespace

Result<fs::path> MakeRuntimeFolder() {
  CODERANK_ASSIGN(const fs::path folder, Place());
  CODERANK_TRY(CreatePrivateFolder(folder));
  return RuntimeFolder();
}

Result<fs::path> RuntimeFolder() {
  CODERANK_ASSIGN(fs::path folder, Place());
  struct stat info {};
  if (::lstat(folder.c_str(), &info) != 0) return ErrnoStatus(errno, folder, "cannot be read");
  constexpr mode_t kOthers = 0077;
  if (!S_ISDIR(info.st_mode) || info.st_uid != ::geteuid() || (info.st_mode & kOthers) != 0) {
    return PermissionDenied(
        StrCat(folder, ": expected a folder of this user with mode 0700; remove it"));
  }
  return folder;
}

fs::path PrivateSocketIn(const fs::path& runtime_folder) { return runtime_folder / "server.sock"; }

Result<UniqueFd> ClaimPrivateSocket(const fs::path& runtime_folder) {
  const fs::path path = runtime_folder / "server.lock";
  UniqueFd lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock.valid()) return ErrnoStatus(errno, path, "cannot be opened");
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return ErrnoStatus(errno, path, "cannot be locked");
    return FailedPrecondition("another coderank serves this user already");
  }
  // Left behind by one that was killed.
  if (::unlink(PrivateSocketIn(runtime_folder).c_str()) != 0 && errno != ENOENT) {
    return ErrnoStatus(errno, PrivateSocketIn(runtime_folder), "cannot be removed");
  }
  return lock;
}

}  // namespace coderank::server
