// RowSet: which rows of a segment a search looks at, a bit a row.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace coderank {

// Reading is thread-safe.
class RowSet {
 public:
  explicit RowSet(size_t row_count) : words_((row_count + 63) / 64) {}
  static RowSet All(size_t row_count) {
    RowSet rows(row_count);
    for (uint64_t& word : rows.words_) word = ~uint64_t{0};
    if (row_count % 64 != 0) rows.words_.back() >>= 64 - row_count % 64;
    rows.count_ = row_count;
    return rows;
  }

  void Insert(size_t row) {
    uint64_t& word = words_[row / 64];
    const uint64_t bit = uint64_t{1} << row % 64;
    count_ += (word & bit) == 0 ? 1 : 0;
    word |= bit;
  }
  void Remove(size_t row) {
    uint64_t& word = words_[row / 64];
    const uint64_t bit = uint64_t{1} << row % 64;
    count_ -= (word & bit) != 0 ? 1 : 0;
    word &= ~bit;
  }
  bool Contains(size_t row) const { return (words_[row / 64] >> row % 64 & 1) != 0; }
  size_t count() const { return count_; }

  // visit(first, end) for every run of rows in [first, end) that are in the set, ascending.
  template <typename Visit>
  void VisitRuns(size_t first, size_t end, const Visit& visit) const {
    while ((first = NextRow(first, end, 0)) < end) {
      const size_t after = NextRow(first, end, ~uint64_t{0});
      visit(first, after);
      first = after;
    }
  }

 private:
  // The first row in [row, end) whose bit differs from those of `others`, which are all equal;
  // `end` if there is none.
  size_t NextRow(size_t row, size_t end, uint64_t others) const {
    while (row < end) {
      const uint64_t left = (words_[row / 64] ^ others) >> row % 64;
      if (left != 0) {
        const size_t found = row + static_cast<size_t>(std::countr_zero(left));
        return found < end ? found : end;
      }
      row = (row / 64 + 1) * 64;
    }
    return end;
  }

  std::vector<uint64_t> words_;
  size_t count_ = 0;
};

}  // namespace coderank
