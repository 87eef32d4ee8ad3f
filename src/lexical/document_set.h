// A set of document numbers, as bits.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace coderank {

// Of numbers below a size. Not thread-safe while it changes.
class DocumentSet {
 public:
  DocumentSet() = default;
  explicit DocumentSet(uint32_t size) : words_((size_t{size} + 63) / 64), size_(size) {}

  uint32_t size() const { return size_; }
  bool Contains(uint32_t document) const { return (words_[document / 64] >> (document % 64)) & 1; }
  void Insert(uint32_t document) { words_[document / 64] |= uint64_t{1} << (document % 64); }
  void Erase(uint32_t document) { words_[document / 64] &= ~(uint64_t{1} << (document % 64)); }

  void InsertRange(uint32_t begin, uint32_t end) {
    for (; begin < end && begin % 64 != 0; ++begin) Insert(begin);
    for (; begin + 64 <= end; begin += 64) words_[begin / 64] = ~uint64_t{0};
    for (; begin < end; ++begin) Insert(begin);
  }

  // Whether a document of [begin, end) is in the set.
  bool Intersects(uint32_t begin, uint32_t end) const {
    for (; begin < end && begin % 64 != 0; ++begin) {
      if (Contains(begin)) return true;
    }
    for (; begin + 64 <= end; begin += 64) {
      if (words_[begin / 64] != 0) return true;
    }
    for (; begin < end; ++begin) {
      if (Contains(begin)) return true;
    }
    return false;
  }

  uint32_t Count() const {
    uint32_t count = 0;
    for (const uint64_t word : words_) count += static_cast<uint32_t>(std::popcount(word));
    return count;
  }

  // Keeps what is in `other` too, which has the same size.
  void IntersectWith(const DocumentSet& other) {
    for (size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
  }

  // Calls visit(document) for each, ascending.
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (size_t i = 0; i < words_.size(); ++i) {
      for (uint64_t word = words_[i]; word != 0; word &= word - 1) {
        visit(static_cast<uint32_t>(i * 64) + static_cast<uint32_t>(std::countr_zero(word)));
      }
    }
  }

 private:
  std::vector<uint64_t> words_;
  uint32_t size_ = 0;
};

}  // namespace coderank
