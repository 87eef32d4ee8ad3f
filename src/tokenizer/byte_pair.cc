#include "tokenizer/byte_pair.h"

#include <algorithm>
#include <bit>

namespace coderank {
namespace {

constexpr uint32_t kEnd = UINT32_MAX;  // no neighbour

uint64_t PairKey(int32_t left, int32_t right) {
  return static_cast<uint64_t>(static_cast<uint32_t>(left)) << 32 | static_cast<uint32_t>(right);
}

}  // namespace

// At most half of the slots are used, so that a search for what is not there stays short.
MergeTable::MergeTable(size_t merges)
    : slots_(std::bit_ceil(2 * merges + 2)), shift_(64 - std::countr_zero(slots_.size())) {}

// The slot of `pair`, or the free one where it belongs.
size_t MergeTable::SlotOf(uint64_t pair) const {
  constexpr uint64_t kGolden = 0x9E3779B97F4A7C15;  // 2^64 / the golden ratio: spreads the keys
  size_t slot = static_cast<size_t>((pair * kGolden) >> shift_);
  while (slots_[slot].pair != pair && slots_[slot].pair != kFree) {
    slot = (slot + 1) & (slots_.size() - 1);
  }
  return slot;
}

void MergeTable::Insert(int32_t left, int32_t right, Merge merge) {
  const uint64_t pair = PairKey(left, right);
  slots_[SlotOf(pair)] = {pair, merge};
}

std::optional<MergeTable::Merge> MergeTable::Find(int32_t left, int32_t right) const {
  const uint64_t pair = PairKey(left, right);
  const Slot& slot = slots_[SlotOf(pair)];
  return slot.pair == pair ? std::optional(slot.merge) : std::nullopt;
}

bool BytePairScratch::IsLater(const Candidate& a, const Candidate& b) {
  return a.rank != b.rank ? a.rank > b.rank : a.position > b.position;
}

// Puts the pair that begins at `position` on the heap, if it merges.
void BytePairScratch::Propose(const MergeTable& merges, uint32_t position) {
  if (position == kEnd || symbols_[position].next == kEnd) return;
  const auto merge = merges.Find(symbols_[position].id, symbols_[symbols_[position].next].id);
  if (!merge) return;
  heap_.push_back({merge->rank, position, merge->id});
  std::push_heap(heap_.begin(), heap_.end(), IsLater);
}

void BytePairScratch::MergeAt(const MergeTable& merges, const Candidate& candidate) {
  Symbol& left = symbols_[candidate.position];
  if (left.id == kNoToken || left.next == kEnd) return;
  Symbol& right = symbols_[left.next];
  // The pair may have changed since it was proposed.
  const auto merge = merges.Find(left.id, right.id);
  if (!merge || merge->id != candidate.id) return;
  left.id = candidate.id;
  right.id = kNoToken;
  left.next = right.next;
  if (left.next != kEnd) symbols_[left.next].previous = candidate.position;
  Propose(merges, left.previous);
  Propose(merges, candidate.position);
}

void BytePairScratch::Encode(const MergeTable& merges, const std::array<int32_t, 256>& byte_ids,
                             int32_t unknown, std::string_view word, std::vector<int32_t>& ids) {
  symbols_.clear();
  heap_.clear();
  for (const char byte : word) {
    int32_t id = byte_ids[static_cast<uint8_t>(byte)];
    if (id == kNoToken) id = unknown;
    if (id == kNoToken) continue;
    const auto at = static_cast<uint32_t>(symbols_.size());
    symbols_.push_back({.id = id, .previous = at == 0 ? kEnd : at - 1, .next = at + 1});
  }
  if (symbols_.empty()) return;
  symbols_.back().next = kEnd;
  for (uint32_t i = 0; i < symbols_.size(); ++i) Propose(merges, i);
  while (!heap_.empty()) {
    std::pop_heap(heap_.begin(), heap_.end(), IsLater);
    const Candidate candidate = heap_.back();
    heap_.pop_back();
    MergeAt(merges, candidate);
  }
  for (uint32_t i = 0; i != kEnd; i = symbols_[i].next) ids.push_back(symbols_[i].id);
}

}  // namespace coderank
