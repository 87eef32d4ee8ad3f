#include "base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/strings.h"
#include "base/try.h"

namespace coderank {
namespace {

Status WriteAll(int fd, std::string_view content, const std::filesystem::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return ErrnoStatus(errno, path, "cannot write");
    }
    content.remove_prefix(static_cast<size_t>(written));
  }
  return OkStatus();
}

Status CopyDescriptor(int in, int out, const std::filesystem::path& from,
                      const std::filesystem::path& to, const CancellationToken* cancel) {
  constexpr size_t kBlock = size_t{1} << 20;
  std::string block(kBlock, '\0');
  for (;;) {
    if (IsCancelled(cancel)) {
      return Cancelled(StrCat(from, ": copying was cancelled"));
    }
    const ssize_t got = ::read(in, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoStatus(errno, from, "cannot read");
    if (got == 0) break;
    CODERANK_TRY(WriteAll(out, std::string_view(block).substr(0, static_cast<size_t>(got)), to));
  }
  return ::fsync(out) == 0 ? OkStatus() : ErrnoStatus(errno, to, "cannot write");
}

}  // namespace

Status ErrnoStatus(int error, const std::filesystem::path& path, std::string_view what) {
  std::string message = StrCat(path, ": ", what, ": ", std::generic_category().message(error));
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return NotFound(std::move(message));
    case EACCES:
    case EPERM:
    case EROFS:
    case ELOOP:
      return PermissionDenied(std::move(message));
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return ResourceExhausted(std::move(message));
    default:
      return Unavailable(std::move(message));
  }
}

UniqueFd& UniqueFd::operator=(UniqueFd&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

UniqueFd::~UniqueFd() {
  if (fd_ >= 0) ::close(fd_);
}

Result<std::string> ReadDescriptor(int fd, const std::filesystem::path& path, uint64_t limit) {
  constexpr size_t kBlock = size_t{64} << 10;
  std::string content;
  for (;;) {
    const size_t have = content.size();
    content.resize(have + kBlock);
    const ssize_t got = ::read(fd, content.data() + have, kBlock);
    if (got < 0 && errno != EINTR) return ErrnoStatus(errno, path, "cannot read");
    content.resize(have + static_cast<size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) return content;
    if (content.size() > limit) {
      return ResourceExhausted(StrCat(path, ": larger than the limit of ", limit, " bytes"));
    }
  }
}

Result<std::string> ReadFile(const std::filesystem::path& path, uint64_t limit) {
  // O_NONBLOCK: opening a FIFO must not hang; it has no effect on regular files.
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) return ErrnoStatus(errno, path, "cannot open");
  return ReadDescriptor(fd.get(), path, limit);
}

Status WriteFileAtomically(const std::filesystem::path& path, std::string_view content,
                           unsigned mode) {
  std::string temporary = path.native() + ".XXXXXX";
  {
    const UniqueFd fd(::mkostemp(temporary.data(), O_CLOEXEC));
    if (!fd.valid()) return ErrnoStatus(errno, path, "cannot create");
    Status written = WriteAll(fd.get(), content, path);
    if (written.ok() && (::fchmod(fd.get(), mode) != 0 || ::fsync(fd.get()) != 0)) {
      written = ErrnoStatus(errno, path, "cannot write");
    }
    if (!written.ok()) {
      ::unlink(temporary.c_str());
      return written;
    }
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    Status failed = ErrnoStatus(errno, path, "cannot replace");
    ::unlink(temporary.c_str());
    return failed;
  }
  // The file is whole either way; a folder that cannot be synced is no reason to say otherwise.
  (void)SyncFolder(path.has_parent_path() ? path.parent_path() : ".");
  return OkStatus();
}

Status CopyFile(const std::filesystem::path& from, const std::filesystem::path& to,
                const CancellationToken* cancel) {
  const UniqueFd in(::open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info {};
  if (!in.valid() || ::fstat(in.get(), &info) != 0) return ErrnoStatus(errno, from, "cannot open");
  if (!S_ISREG(info.st_mode)) return InvalidArgument(StrCat(from, ": not a regular file"));
  const UniqueFd out(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!out.valid()) return ErrnoStatus(errno, to, "cannot create");
  Status copied = CopyDescriptor(in.get(), out.get(), from, to, cancel);
  if (!copied.ok()) ::unlink(to.c_str());
  return copied;
}

bool HasModificationTime(const std::filesystem::path& path, int64_t seconds) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && info.st_mtim.tv_sec == seconds &&
         info.st_mtim.tv_nsec == 0;
}

Status SyncFolder(const std::filesystem::path& folder) {
  const UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || ::fsync(fd.get()) != 0) {
    return ErrnoStatus(errno, folder, "cannot sync the folder");
  }
  return OkStatus();
}

Status CreatePrivateFolder(const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return OkStatus();
  if (path.has_parent_path() && path.parent_path() != path) {
    CODERANK_TRY(CreatePrivateFolder(path.parent_path()));
  }
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return ErrnoStatus(errno, path, "cannot create the folder");
  }
  return OkStatus();
}

Result<MappedFile> MappedFile::Open(const std::filesystem::path& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) return ErrnoStatus(errno, path, "cannot open");
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return ErrnoStatus(errno, path, "cannot stat");
  if (!S_ISREG(info.st_mode)) return InvalidArgument(StrCat(path, ": not a regular file"));
  MappedFile file;
  file.size_ = static_cast<size_t>(info.st_size);
  if (file.size_ == 0) return file;  // mmap refuses length 0
  void* address = ::mmap(nullptr, file.size_, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (address == MAP_FAILED) {
    file.size_ = 0;
    return ErrnoStatus(errno, path, "cannot map");
  }
  file.data_ = static_cast<const std::byte*>(address);
  return file;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

}  // namespace coderank
