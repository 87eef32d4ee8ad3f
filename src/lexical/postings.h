// Posting lists: the documents that hold a term, ascending, each with its impact.
//
//   directory  for each block of 128 postings (the last one may be shorter)
//              u32 last document, u32 where its data starts, u8 largest impact, u8 width
//   data       for each block its gaps, `width` bits each, then its impacts, a byte each
//
// A gap is the distance to the document before it, less one; before the first document of a list
// stands document -1. The largest impact of a block bounds what a search can find in it, so that
// most blocks of frequent words are never unpacked. Eight more bytes must be readable after a list,
// because gaps are read in words of 64 bits.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

namespace coderank {

inline constexpr uint32_t kNoDocument = UINT32_MAX;
inline constexpr size_t kPostingPadding = 8;

struct Posting {
  uint32_t document;
  uint8_t impact;
};

// Appends the list. Documents ascend.
void EncodePostings(std::span<const Posting> postings, std::string& to);

// Walks a list forward. Refers to its bytes. A damaged list ends early and says so; it never leads
// outside of its bytes or to a document that does not exist. Not thread-safe.
class PostingCursor {
 public:
  static constexpr uint32_t kBlock = 128;

  // `list` without the padding, which must follow it. `documents`: of the segment.
  PostingCursor(std::span<const std::byte> list, uint32_t count, uint32_t documents);
  // Of one posting.
  explicit PostingCursor(Posting single);

  uint32_t count() const { return count_; }
  bool damaged() const { return damaged_; }

  // An upper bound of the impacts of documents in [begin, end); 0 means there is none. `begin` must
  // not decrease from call to call.
  uint8_t MaximumImpact(uint32_t begin, uint32_t end);

  // Moves to the first posting at or after `document`, but never backwards. False at the end.
  bool Seek(uint32_t document);
  // Where Seek() ended. Precondition: it returned true.
  uint32_t document() const { return documents_[position_]; }
  uint8_t impact() const { return impacts_[position_]; }

  // Calls visit(document, impact) for all postings from the current one to before `end`, and stands
  // at the first one after them.
  template <typename Visit>
  void VisitUntil(uint32_t end, Visit visit) {
    while (block_size_ > 0) {
      for (; position_ < block_size_; ++position_) {
        const uint32_t at = documents_[position_];
        if (at >= end) return;
        visit(at, impacts_[position_]);
      }
      if (!Unpack(block_ + 1)) return;
    }
  }

 private:
  struct Block {
    uint32_t last;
    uint32_t start;
    uint8_t impact;
    uint8_t width;
  };
  static constexpr size_t kBlockBytes = 10;

  Block At(uint32_t block) const;
  bool CheckDirectory(uint32_t documents) const;
  bool Unpack(uint32_t block);
  bool Damaged();

  std::span<const std::byte> directory_;
  std::span<const std::byte> data_;
  uint32_t count_ = 0;
  uint32_t blocks_ = 0;
  bool damaged_ = false;

  uint32_t bound_block_ = 0;  // where MaximumImpact() goes on
  uint32_t block_ = 0;        // the unpacked one
  uint32_t block_size_ = 0;   // its postings; 0 before the first Seek() and at the end
  uint32_t position_ = 0;
  bool started_ = false;
  std::array<uint32_t, kBlock> documents_;  // [block_size_]
  std::array<uint8_t, kBlock> impacts_;     // [block_size_]
};

}  // namespace coderank
