#include "source/open_beneath.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace coderank {
namespace {

constexpr int kOpenFlags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;

std::string Join(const std::vector<std::string>& parts) {
  std::string path;
  for (const std::string& part : parts) path.append(path.empty() ? "" : "/").append(part);
  return path.empty() ? "." : path;
}

// O_DIRECTORY | O_NOFOLLOW reports a link as ENOTDIR; the caller wants to know.
int ReasonOf(int folder, const std::string& name, int error) {
  struct stat info {};
  const bool is_link = error == ENOTDIR &&
                       ::fstatat(folder, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
                       S_ISLNK(info.st_mode);
  return is_link ? ELOOP : error;
}

}  // namespace

UniqueFd OpenBeneath(int folder, const std::vector<std::string>& parts, int& error) {
  struct open_how how {};
  how.flags = static_cast<uint64_t>(kOpenFlags);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  const long fd = ::syscall(SYS_openat2, folder, Join(parts).c_str(), &how, sizeof(how));
  if (fd >= 0) return UniqueFd(static_cast<int>(fd));
  error = errno;
  // EPERM: seccomp profiles that predate openat2. EAGAIN: a rename nearby made the check give up.
  // ENAMETOOLONG: the whole path exceeds PATH_MAX, which its names one by one need not.
  if (error == ENOSYS || error == EPERM || error == EAGAIN || error == ENAMETOOLONG) {
    return OpenBeneathByName(folder, parts, error);
  }
  return UniqueFd();
}

UniqueFd OpenBeneathByName(int folder, const std::vector<std::string>& parts, int& error) {
  UniqueFd at(::fcntl(folder, F_DUPFD_CLOEXEC, 0));
  for (size_t i = 0; i < parts.size() && at.valid(); ++i) {
    const bool last = i + 1 == parts.size();
    UniqueFd next(::openat(at.get(), parts[i].c_str(), kOpenFlags | (last ? 0 : O_DIRECTORY)));
    if (!next.valid()) {
      error = ReasonOf(at.get(), parts[i], errno);
      return UniqueFd();
    }
    at = std::move(next);
  }
  if (!at.valid()) error = errno;
  return at;
}

}  // namespace coderank
