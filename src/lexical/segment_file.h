// The container of a lexical segment: sections of bytes in one mapped file, verified as they are
// read.
//
//   header      magic "coderlex", u32 version, u32 sections, 32 bytes SHA-256 of the index's id,
//               u64 version of the scoring constants, u64 generation, u64 generation of the base,
//               u64 file size, u64 checksum of the page table, for each section u64 offset and u64
//               size, u64 checksum of all this
//   body        from byte 512 on: the sections, each at a multiple of 8 bytes
//   page table  at the end: for each 64 KiB of the body u64 checksum
//
// All numbers are little-endian, checksums are XXH3. A query reads some thousandths of a large
// file, so the body is not hashed when the file is opened: each page is, when something on it is
// read for the first time. Nothing unverified is ever used, and damage is an error of the read that
// met it. Checksums can be forged, so readers still check every number against its bounds.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/file.h"
#include "coderank/result.h"
#include "lexical/segment_format.h"

namespace coderank {

// Whose segment it is, and of which state of the index.
struct SegmentStamp {
  std::string index_id;
  uint64_t generation = 0;       // commit number of the index that it was made from
  uint64_t base_generation = 0;  // of a delta: the base's generation; of a base: 0
};

// Immutable after opening but for what is known to be whole, so thread-safe.
class SegmentFile {
 public:
  using Section = segment_format::Section;

  // kNotFound, kFailedPrecondition (of another index, version or constants) or kCorrupt: in each
  // case the file can be made again.
  static Result<SegmentFile> Open(const std::filesystem::path& path, std::string_view index_id);
  // Of bytes at a multiple of 8 that outlive the result. `source` names them in messages.
  static Result<SegmentFile> Parse(std::span<const std::byte> bytes, std::string_view source,
                                   std::string_view index_id);

  uint64_t generation() const { return generation_; }
  uint64_t base_generation() const { return base_generation_; }
  uint64_t size(Section section) const { return sections_[Index(section)].size(); }
  const std::string& source() const { return source_; }

  // Part of a section, verified. kCorrupt if it is damaged or reaches beyond the section.
  Result<std::span<const std::byte>> Read(Section section, uint64_t offset, uint64_t size) const;

  // A whole section of exactly `count` numbers, verified.
  template <typename T>
  Result<std::span<const T>> Numbers(Section section, uint64_t count) const {
    static_assert(alignof(T) <= segment_format::kAlignment);
    if (size(section) != count * sizeof(T)) return WrongSize(section, count * sizeof(T));
    auto bytes = Read(section, 0, count * sizeof(T));
    if (!bytes) return bytes.error();
    return std::span<const T>(reinterpret_cast<const T*>(bytes->data()), bytes->size() / sizeof(T));
  }

 private:
  static size_t Index(Section section) { return static_cast<size_t>(section); }
  Status WrongSize(Section section, uint64_t expected) const;
  Status VerifyPages(uint64_t begin, uint64_t end) const;

  std::string source_;
  MappedFile file_;
  std::span<const std::byte> body_;
  std::span<const std::byte> page_table_;  // u64 a page, not necessarily aligned
  uint64_t generation_ = 0;
  uint64_t base_generation_ = 0;
  std::array<std::span<const std::byte>, segment_format::kSections> sections_;
  // [pages] 1 once the page was found to be whole; several threads may find it.
  std::unique_ptr<std::atomic<uint8_t>[]> whole_;
};

}  // namespace coderank
