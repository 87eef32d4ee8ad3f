// The packed file: named sections of numbers, ready to be mapped and used in place.
//
//   header     magic "coderank", u32 version, u32 zero, 32 bytes identity, u64 file size, i64 time
//              of writing (Unix seconds), u64 directory offset, u64 directory size, 32 bytes
//              SHA-256 of the body, 32 bytes SHA-256 of the header up to here and the directory
//   body       the sections, each at a multiple of 64 bytes
//   directory  u32 count, and for each section u16 name length, name, u64 offset, u64 size
//
// All numbers are little-endian. The identity says what the content was made from and how; a file
// of another identity is stale. Opening checks header and directory by their hash, the size, and
// that the file's time of modification is the one written; if only the time differs (a copy), the
// body is hashed too. What the sections mean is not known here (packed_layers.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/sha256.h"
#include "coderank/result.h"

namespace coderank {

// Immutable after opening, so thread-safe.
class PackedFile {
 public:
  // kNotFound, kFailedPrecondition (stale) or kCorrupt: in each case the file can be made again.
  static Result<PackedFile> Open(const std::filesystem::path& path, const Sha256Digest& identity);

  // The sections of a file's bytes, which must outlive the result; everything that Open() checks
  // but for the time. `source` names the file in messages.
  static Result<PackedFile> Parse(std::span<const std::byte> bytes, std::string_view source,
                                  const Sha256Digest& identity);

  // Hashes the body: kCorrupt unless it is what was written.
  Status Verify() const;

  bool Contains(std::string_view name) const { return sections_.find(name) != sections_.end(); }

  // A section of exactly `count` numbers; kCorrupt otherwise.
  template <typename T>
  Result<std::span<const T>> Numbers(std::string_view name, size_t count) const {
    auto bytes = Section(name, count * sizeof(T));
    if (!bytes) return bytes.error();
    return std::span<const T>(reinterpret_cast<const T*>(bytes->data()), count);
  }
  // Of any whole number of elements.
  template <typename T>
  Result<std::span<const T>> Numbers(std::string_view name) const {
    const auto found = sections_.find(name);
    return Numbers<T>(name, found == sections_.end() ? 0 : found->second.size() / sizeof(T));
  }

  const std::string& source() const { return source_; }

 private:
  Result<std::span<const std::byte>> Section(std::string_view name, size_t size) const;

  std::string source_;
  MappedFile file_;
  std::span<const std::byte> body_;
  Sha256Digest body_hash_{};
  int64_t written_ = 0;
  std::map<std::string, std::span<const std::byte>, std::less<>> sections_;
};

// Writes a packed file beside its final place and moves it there whole. Not thread-safe.
class PackedFileWriter {
 public:
  static Result<PackedFileWriter> Create(const std::filesystem::path& path,
                                         const Sha256Digest& identity);
  PackedFileWriter(PackedFileWriter&&) noexcept = default;
  PackedFileWriter& operator=(PackedFileWriter&&) = delete;
  ~PackedFileWriter();

  Status Add(const std::string& name, std::span<const std::byte> bytes);
  template <typename T>
  Status Add(const std::string& name, std::span<const T> numbers) {
    return Add(name, std::as_bytes(numbers));
  }
  // Ends the file, flushes it to the disk, and puts it in place.
  Status Finish();

 private:
  struct Entry {
    std::string name;
    uint64_t offset;
    uint64_t size;
  };

  PackedFileWriter(std::filesystem::path path, std::filesystem::path temporary, UniqueFd fd,
                   const Sha256Digest& identity);
  Status Append(std::span<const std::byte> bytes);
  std::string Directory() const;

  std::filesystem::path path_;
  std::filesystem::path temporary_;  // empty once it is in place
  UniqueFd fd_;
  Sha256Digest identity_;
  Sha256 body_hash_;
  uint64_t size_;
  std::vector<Entry> entries_;
};

}  // namespace coderank
