// VectorSegment: vectors in a memory-mapped file, ready to be scanned. Derived from the store and
// made again when it is missing or damaged. segment_format.h describes the file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/sha256.h"
#include "coderank/result.h"
#include "vectors/segment_format.h"

namespace coderank {

// What the vectors of a segment belong to: an index and an embedding. Vectors of different
// embeddings must not meet.
Sha256Digest VectorIdentity(std::string_view index_id, std::string_view fingerprint);

// Immutable, so thread-safe.
class VectorSegment {
 public:
  // kNotFound, kFailedPrecondition (another identity or format) or kCorrupt: in each case the file
  // can be made again. Checks the header by its hash, the size, and the time of modification; if
  // that is not the one written (a copy), the body is hashed too.
  static Result<VectorSegment> Open(const std::filesystem::path& path,
                                    const Sha256Digest& identity);

  // A file's bytes, aligned to 64, which must outlive the result; everything that Open() checks but
  // for the time. `source` names the file in messages.
  static Result<VectorSegment> Parse(std::span<const std::byte> bytes, std::string_view source,
                                     const Sha256Digest& identity);

  // Hashes the body: kCorrupt unless it is what was written. Without it, every number that the
  // functions below return may be any number.
  Status Verify() const;

  size_t dimension() const { return dimension_; }
  size_t row_count() const { return row_count_; }
  uint64_t generation() const { return generation_; }
  // Of the base that this segment adds to; 0 in a base.
  uint64_t base_generation() const { return base_generation_; }

  std::span<const int64_t> ids() const { return Numbers<int64_t>(layout_.ids, row_count_); }
  std::span<const int64_t> gone() const { return Numbers<int64_t>(layout_.gone, gone_count_); }
  std::span<const float> mean() const { return Numbers<float>(layout_.mean, dimension_); }
  std::span<const float> scales() const { return Numbers<float>(layout_.scales, row_count_); }
  // Bytes of a row, and words of 64 signs.
  size_t depth() const { return static_cast<size_t>(layout_.depth); }
  size_t words() const { return static_cast<size_t>(layout_.words); }
  size_t group_count() const { return static_cast<size_t>(layout_.groups); }
  // [group_count][words][8]
  const uint64_t* signs() const {
    return Numbers<uint64_t>(layout_.signs, group_count() * words()).data();
  }
  // [row_count, depth]
  const int8_t* rows() const { return Numbers<int8_t>(layout_.bytes, 0).data(); }

 private:
  VectorSegment() : layout_(0, 0, 0) {}

  template <typename T>
  std::span<const T> Numbers(uint64_t offset, size_t count) const {
    return {reinterpret_cast<const T*>(bytes_.data() + offset), count};
  }

  std::string source_;
  MappedFile file_;
  std::span<const std::byte> bytes_;
  Sha256Digest body_hash_{};
  int64_t written_ = 0;
  size_t dimension_ = 0;
  size_t row_count_ = 0;
  size_t gone_count_ = 0;
  uint64_t generation_ = 0;
  uint64_t base_generation_ = 0;
  vector_segment_format::Layout layout_;
};

}  // namespace coderank
