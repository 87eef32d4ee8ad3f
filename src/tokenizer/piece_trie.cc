#include "tokenizer/piece_trie.h"

#include <utility>

namespace coderank {
namespace {

constexpr int kInitialLog2 = 10;
constexpr int kChildBits = 24;
constexpr uint64_t kChildMask = (uint64_t{1} << kChildBits) - 1;

uint64_t EdgeKey(uint32_t parent, char byte) {
  return uint64_t{parent} << 8 | static_cast<uint8_t>(byte);
}

}  // namespace

PieceTrie::PieceTrie()
    : slots_(size_t{1} << kInitialLog2), ids_(1, kNoId), shift_(64 - kInitialLog2) {}

// The slot that holds `key`, or the free one where it belongs. The root is nobody's child, so a
// used slot is never 0.
size_t PieceTrie::SlotOf(uint64_t key) const {
  // 2^64 divided by the golden ratio: Fibonacci hashing.
  size_t slot = static_cast<size_t>((key * 0x9E3779B97F4A7C15U) >> shift_);
  while (slots_[slot] != 0 && slots_[slot] >> kChildBits != key) {
    slot = (slot + 1) & (slots_.size() - 1);
  }
  return slot;
}

void PieceTrie::Grow() {
  const std::vector<uint64_t> old = std::exchange(slots_, std::vector<uint64_t>(slots_.size() * 2));
  --shift_;
  for (const uint64_t value : old) {
    if (value != 0) slots_[SlotOf(value >> kChildBits)] = value;
  }
}

bool PieceTrie::Insert(std::string_view piece, int32_t id) {
  uint32_t node = kRoot;
  for (const char byte : piece) {
    const uint64_t key = EdgeKey(node, byte);
    const size_t slot = SlotOf(key);
    if (slots_[slot] != 0) {
      node = static_cast<uint32_t>(slots_[slot] & kChildMask);
      continue;
    }
    if (ids_.size() == kMaxNodes) return false;
    node = static_cast<uint32_t>(ids_.size());
    slots_[slot] = key << kChildBits | node;
    ids_.push_back(kNoId);
    if (ids_.size() * 2 > slots_.size()) Grow();
  }
  ids_[node] = id;
  return true;
}

uint32_t PieceTrie::Step(uint32_t node, char byte) const {
  const uint64_t value = slots_[SlotOf(EdgeKey(node, byte))];
  return value == 0 ? kNoNode : static_cast<uint32_t>(value & kChildMask);
}

uint32_t PieceTrie::Walk(uint32_t node, std::string_view text) const {
  for (const char byte : text) {
    node = Step(node, byte);
    if (node == kNoNode) break;
  }
  return node;
}

PieceTrie::Match PieceTrie::Longest(uint32_t node, std::string_view text) const {
  Match best;
  for (size_t i = 0; i < text.size(); ++i) {
    node = Step(node, text[i]);
    if (node == kNoNode) break;
    if (ids_[node] != kNoId) best = {i + 1, ids_[node]};
  }
  return best;
}

}  // namespace coderank
