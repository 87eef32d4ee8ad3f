#include "base/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "base/try.h"

namespace coderank {
namespace {

constexpr size_t kPendingBytes = size_t{256} << 10;

}  // namespace

AtomicFile::AtomicFile(std::filesystem::path path, std::filesystem::path temporary, UniqueFd fd)
    : path_(std::move(path)), temporary_(std::move(temporary)), fd_(std::move(fd)) {}

AtomicFile::~AtomicFile() {
  if (fd_.valid() && !temporary_.empty()) ::unlink(temporary_.c_str());
}

Result<AtomicFile> AtomicFile::Create(const std::filesystem::path& path) {
  std::string temporary = path.native() + ".XXXXXX";
  UniqueFd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd.valid()) return ErrnoStatus(errno, path, "cannot create");
  return AtomicFile(path, temporary, std::move(fd));
}

Status AtomicFile::Append(std::string_view bytes) {
  pending_ += bytes;
  return pending_.size() < kPendingBytes ? OkStatus() : Flush();
}

Status AtomicFile::Flush() {
  CODERANK_TRY(WriteAt(written_, pending_));
  written_ += pending_.size();
  pending_.clear();
  return OkStatus();
}

Status AtomicFile::Overwrite(uint64_t offset, std::string_view bytes) {
  CODERANK_TRY(Flush());
  return WriteAt(offset, bytes);
}

Status AtomicFile::WriteAt(uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t done =
        ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return ErrnoStatus(errno, path_, "cannot write");
    bytes.remove_prefix(static_cast<size_t>(done));
    offset += static_cast<uint64_t>(done);
  }
  return OkStatus();
}

Status AtomicFile::Commit() {
  CODERANK_TRY(Flush());
  if (::fsync(fd_.get()) != 0) return ErrnoStatus(errno, path_, "cannot write");
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
    return ErrnoStatus(errno, path_, "cannot replace");
  }
  temporary_.clear();
  // The file is whole either way; a folder that cannot be synced is no reason to say otherwise.
  (void)SyncFolder(path_.has_parent_path() ? path_.parent_path() : ".");
  return OkStatus();
}

}  // namespace coderank
