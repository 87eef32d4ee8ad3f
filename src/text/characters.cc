#include "text/characters.h"

#include <algorithm>

namespace coderank {
namespace {

// Hangul syllables decompose by arithmetic (Unicode standard, section 3.12).
constexpr char32_t kHangulFirst = 0xAC00;
constexpr char32_t kHangulLast = 0xD7A3;
constexpr char32_t kHangulLeads = 0x1100;
constexpr char32_t kHangulVowels = 0x1161;
constexpr char32_t kHangulTails = 0x11A7;
constexpr char32_t kVowelCount = 21;
constexpr char32_t kTailCount = 28;

// The one character with two characters in lower case: "i" and a combining dot.
constexpr char32_t kCapitalIWithDot = 0x130;

CharacterSequence Single(char32_t c) { return {{c}, 1}; }

CharacterSequence DecomposeHangul(char32_t c) {
  const char32_t index = c - kHangulFirst;
  const char32_t tail = index % kTailCount;
  const char32_t lead = index / (kTailCount * kVowelCount);
  const char32_t vowel = index / kTailCount % kVowelCount;
  return {{kHangulLeads + lead, kHangulVowels + vowel, kHangulTails + tail}, tail == 0 ? 2U : 3U};
}

// The last range that starts at or before `c`; null without one.
template <typename Range>
const Range* RangeBefore(std::span<const Range> ranges, char32_t c) {
  const auto after =
      std::upper_bound(ranges.begin(), ranges.end(), c,
                       [](char32_t x, const Range& range) { return x < range.first; });
  return after == ranges.begin() ? nullptr : &*std::prev(after);
}

}  // namespace

const CharacterTable& CharacterTable::Get() {
  static const CharacterTable table;
  return table;
}

CharacterTable::CharacterTable() : flags_(0x110000) {
  const auto set = [this](char32_t first, char32_t last, char32_t step, uint16_t flags) {
    for (char32_t c = first; c <= last; c += step) {
      flags_[c] = static_cast<uint16_t>(flags_[c] | flags);
    }
  };
  for (const FlagRange& range : kFlagRanges) set(range.first, range.last, 1, range.flags);
  for (const CombiningRange& range : kCombiningRanges) {
    set(range.first, range.last, 1, kReordersFlag);
  }
  for (const LowercaseRange& range : kLowercaseRanges) {
    set(range.first, range.last, range.step, kUppercaseFlag);
  }
  set(kCapitalIWithDot, kCapitalIWithDot, 1, kUppercaseFlag);
  for (const Decomposition& entry : kDecompositions)
    set(entry.from, entry.from, 1, kDecomposesFlag);
  set(kHangulFirst, kHangulLast, 1, kDecomposesFlag);
}

uint8_t CombiningClass(char32_t c) {
  const CombiningRange* range = RangeBefore(kCombiningRanges, c);
  return range != nullptr && c <= range->last ? range->combining_class : uint8_t{0};
}

CharacterSequence Decompose(char32_t c) {
  if (c >= kHangulFirst && c <= kHangulLast) return DecomposeHangul(c);
  const auto entry =
      std::lower_bound(kDecompositions.begin(), kDecompositions.end(), c,
                       [](const Decomposition& left, char32_t right) { return left.from < right; });
  if (entry == kDecompositions.end() || entry->from != c) return Single(c);
  CharacterSequence sequence;
  for (const char32_t part : entry->to) {
    if (part != 0) sequence.characters[sequence.size++] = part;
  }
  return sequence;
}

CharacterSequence ToLowercase(char32_t c) {
  if (c == kCapitalIWithDot) return {{U'i', 0x307}, 2};
  const LowercaseRange* range = RangeBefore(kLowercaseRanges, c);
  if (range == nullptr || c > range->last || (c - range->first) % range->step != 0) {
    return Single(c);
  }
  return Single(static_cast<char32_t>(static_cast<int32_t>(c) + range->delta));
}

}  // namespace coderank
