// The smallest of many keys, in bounded memory: the order of all results of a scan.
//
// A key is what decides first (a score or a distance, as an unsigned number that grows as the match
// gets worse) above the row's number. Keys are therefore all different, and which of them are kept
// depends neither on the order in which they come nor on how they are divided among threads. Rows
// ascend by text id, so equal scores end up in the order of text ids.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace coderank {

using RowKey = uint64_t;

constexpr RowKey KeyOf(uint32_t badness, uint32_t row) { return RowKey{badness} << 32 | row; }
constexpr uint32_t BadnessOf(RowKey key) { return static_cast<uint32_t>(key >> 32); }
constexpr uint32_t RowOf(RowKey key) { return static_cast<uint32_t>(key); }

// Falls as the score grows; any two numbers that are not NaN compare as they do themselves.
inline uint32_t BadnessOfScore(float score) {
  const auto bits = std::bit_cast<uint32_t>(score + 0.0F);  // -0 becomes 0
  constexpr uint32_t kSign = uint32_t{1} << 31;
  return ~((bits & kSign) != 0 ? ~bits : bits | kSign);
}

// Not thread-safe.
class BestKeys {
 public:
  // capacity >= 1
  explicit BestKeys(size_t capacity) : capacity_(capacity) {}

  // No key at or above this one will be kept.
  RowKey limit() const { return limit_; }

  void Add(RowKey key) {
    if (key >= limit_) return;
    keys_.push_back(key);
    if (keys_.size() >= 2 * capacity_ + kSlack) Shrink();
  }

  // The kept keys, in no order. Ends the collection.
  std::vector<RowKey> Take() {
    if (keys_.size() > capacity_) Shrink();
    return std::move(keys_);
  }

 private:
  static constexpr size_t kSlack = 64;  // makes shrinking rare also for a small capacity

  void Shrink() {
    const auto end = keys_.begin() + static_cast<ptrdiff_t>(capacity_);
    std::nth_element(keys_.begin(), end, keys_.end());
    limit_ = *end;  // capacity_ keys are smaller
    keys_.erase(end, keys_.end());
  }

  size_t capacity_;
  RowKey limit_ = std::numeric_limits<RowKey>::max();
  std::vector<RowKey> keys_;
};

}  // namespace coderank
