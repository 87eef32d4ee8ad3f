// A byte trie over vocabulary pieces, for longest-match search without allocation.
//
// Edges live in one open-addressing hash table of 8-byte slots, so a step costs about one probe
// whatever the fan-out of a node, and a vocabulary of 30,000 pieces takes 2 MB.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace coderank {

// Reading is thread-safe once all pieces are inserted.
class PieceTrie {
 public:
  static constexpr uint32_t kRoot = 0;
  static constexpr uint32_t kNoNode = UINT32_MAX;
  static constexpr int32_t kNoId = -1;
  // Node numbers take 24 bits of a slot. Real vocabularies have below a million nodes.
  static constexpr size_t kMaxNodes = size_t{1} << 24;

  PieceTrie();

  // Maps `piece` to `id` (>= 0), replacing an earlier id. False when the trie is full.
  bool Insert(std::string_view piece, int32_t id);

  // The node one byte further, kNoNode where no piece goes on so. Precondition: a node.
  uint32_t Step(uint32_t node, char byte) const;
  // The node at the end of `text`, from `node` on.
  uint32_t Walk(uint32_t node, std::string_view text) const;
  // Id of the piece that ends at `node`, or kNoId.
  int32_t IdAt(uint32_t node) const { return ids_[node]; }

  struct Match {
    size_t length = 0;  // bytes; 0 when nothing matches
    int32_t id = kNoId;
  };
  // The longest non-empty piece at the start of `text`, continuing from `node`.
  Match Longest(uint32_t node, std::string_view text) const;

 private:
  size_t SlotOf(uint64_t key) const;
  void Grow();

  std::vector<uint64_t> slots_;  // (parent << 8 | byte) << 24 | child; 0 is free
  std::vector<int32_t> ids_;     // [nodes]
  int shift_;                    // 64 - log2(slots_.size())
};

}  // namespace coderank
