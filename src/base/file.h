// Files as values: descriptors that close themselves, bounded reads, atomic writes, mappings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "coderank/cancellation.h"
#include "coderank/result.h"

namespace coderank {

// Status for a failed system call: `error` is errno; the message reads "<path>: <what>: <reason>".
Status ErrnoStatus(int error, const std::filesystem::path& path, std::string_view what);

// Owns a file descriptor.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept;
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd();

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// All bytes of a file. kResourceExhausted above `limit` bytes, whatever its size claims; reads
// instead of mapping, so a file that shrinks meanwhile gives a short result and not a signal.
Result<std::string> ReadFile(const std::filesystem::path& path, uint64_t limit);
// The same from an open descriptor; `path` names it in messages.
Result<std::string> ReadDescriptor(int fd, const std::filesystem::path& path, uint64_t limit);

// Replaces `path` in one step (temporary file, fsync, rename). Mode 0600 unless said.
Status WriteFileAtomically(const std::filesystem::path& path, std::string_view content,
                           unsigned mode = 0600);

// Copies a regular file to a new one of mode 0600 and syncs it to disk. kCancelled when told so; an
// unfinished copy is removed.
Status CopyFile(const std::filesystem::path& from, const std::filesystem::path& to,
                const CancellationToken* cancel = nullptr);

// Whether the file's time of modification is this second exactly (Unix time), as a writer that set
// it left it: nobody has copied or written the file since.
bool HasModificationTime(const std::filesystem::path& path, int64_t seconds);

// Makes what was created, renamed or removed in a folder durable.
Status SyncFolder(const std::filesystem::path& folder);

// Creates the folder and its missing parents; every folder it creates has mode 0700.
Status CreatePrivateFolder(const std::filesystem::path& path);

// A read-only mapping of a whole file. Immutable, shareable between threads.
class MappedFile {
 public:
  MappedFile() = default;
  static Result<MappedFile> Open(const std::filesystem::path& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return {data_, size_}; }

 private:
  const std::byte* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace coderank
