// Byte pair encoding: a word's bytes, merged pair by pair in the order that the model learned.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace coderank {

// Pairs of neighbouring tokens that merge, in one open-addressing hash table: 151,000 merges take
// 8 MB. Reading is thread-safe once all merges are inserted.
class MergeTable {
 public:
  struct Merge {
    uint32_t rank;  // lower ranks merge first
    int32_t id;     // what the two become
  };

  explicit MergeTable(size_t merges);

  // At most as many times as the constructor said. Of equal pairs the last counts. Ids are >= 0.
  void Insert(int32_t left, int32_t right, Merge merge);
  std::optional<Merge> Find(int32_t left, int32_t right) const;

 private:
  struct Slot {
    uint64_t pair = kFree;
    Merge merge{};
  };
  static constexpr uint64_t kFree = UINT64_MAX;

  size_t SlotOf(uint64_t pair) const;

  std::vector<Slot> slots_;
  int shift_;  // 64 - log2(slots_.size())
};

inline constexpr int32_t kNoToken = -1;

// Memory of one encoding; kept between words.
class BytePairScratch {
 public:
  // Appends the ids of `word`, whose bytes are `byte_ids` (kNoToken: `unknown` stands for it, or
  // nothing where that is kNoToken too). O(n log n) for n bytes.
  void Encode(const MergeTable& merges, const std::array<int32_t, 256>& byte_ids, int32_t unknown,
              std::string_view word, std::vector<int32_t>& ids);

 private:
  struct Symbol {
    int32_t id;  // kNoToken once it is part of its left neighbour
    uint32_t previous;
    uint32_t next;
  };
  struct Candidate {
    uint32_t rank;
    uint32_t position;  // of the left symbol
    int32_t id;         // what the two become
  };

  static bool IsLater(const Candidate& a, const Candidate& b);
  void Propose(const MergeTable& merges, uint32_t position);
  void MergeAt(const MergeTable& merges, const Candidate& candidate);

  std::vector<Symbol> symbols_;
  std::vector<Candidate> heap_;
};

}  // namespace coderank
