// Decompose everything, put marks into canonical order, compose pairs again (Unicode standard,
// section 3.11). Which pairs compose follows from the decompositions: a composed character is the
// composition of all but the last of its parts, followed by the last.
#include "text/composition.h"

#include <algorithm>
#include <span>
#include <unordered_map>
#include <vector>

#include "text/characters.h"
#include "text/utf8.h"

namespace coderank {
namespace {

// Below, nothing decomposes that does not compose again, and nothing joins what stands before it.
constexpr char32_t kFirstMark = 0x300;

// Hangul composes by arithmetic.
constexpr char32_t kSyllables = 0xAC00;
constexpr char32_t kLeads = 0x1100;
constexpr char32_t kVowels = 0x1161;
constexpr char32_t kTails = 0x11A7;  // one before the first: syllables without a tail
constexpr char32_t kLeadCount = 19;
constexpr char32_t kVowelCount = 21;
constexpr char32_t kTailCount = 28;
constexpr char32_t kSyllableCount = kLeadCount * kVowelCount * kTailCount;

// 0 where the two do not compose.
char32_t ComposeHangul(char32_t first, char32_t second) {
  if (first >= kLeads && first < kLeads + kLeadCount && second >= kVowels &&
      second < kVowels + kVowelCount) {
    return kSyllables + ((first - kLeads) * kVowelCount + second - kVowels) * kTailCount;
  }
  if (first >= kSyllables && first < kSyllables + kSyllableCount &&
      (first - kSyllables) % kTailCount == 0 && second > kTails && second < kTails + kTailCount) {
    return first + second - kTails;
  }
  return 0;
}

class PairTable {
 public:
  static const PairTable& Get() {
    static const PairTable table;
    return table;
  }

  // 0 where the two do not compose.
  char32_t Compose(char32_t first, char32_t second) const {
    const auto found = pairs_.find(Key(first, second));
    return found == pairs_.end() ? ComposeHangul(first, second) : found->second;
  }

 private:
  static uint64_t Key(char32_t first, char32_t second) { return uint64_t{first} << 32 | second; }

  // Short decompositions first: the longer ones need them.
  PairTable() {
    for (size_t size = 2; size <= std::size(Decomposition{}.to); ++size) {
      for (const Decomposition& entry : kDecompositions) AddOfSize(entry, size);
    }
  }

  void AddOfSize(const Decomposition& entry, size_t size) {
    const CharacterSequence parts = Decompose(entry.from);
    if (parts.size != size || !CharacterTable::Get().Has(entry.from, kComposedFlag)) return;
    char32_t first = parts.characters[0];
    for (size_t i = 1; i + 1 < size; ++i) first = Compose(first, parts.characters[i]);
    pairs_[Key(first, parts.characters[size - 1])] = entry.from;
  }

  std::unordered_map<uint64_t, char32_t> pairs_;
};

struct Character {
  char32_t code_point;
  uint8_t combining_class;
};

std::vector<Character> DecomposeAll(std::string_view text) {
  const CharacterTable& table = CharacterTable::Get();
  std::vector<Character> characters;
  characters.reserve(text.size());
  while (!text.empty()) {
    const DecodedCodePoint decoded = DecodeUtf8(text);
    text.remove_prefix(decoded.length);
    for (const char32_t c : Decompose(decoded.code_point)) {
      characters.push_back({c, table.Has(c, kReordersFlag) ? CombiningClass(c) : uint8_t{0}});
    }
  }
  return characters;
}

void OrderMarks(std::vector<Character>& characters) {
  for (size_t i = 0; i < characters.size(); ++i) {
    size_t end = i;
    while (end < characters.size() && characters[end].combining_class != 0) ++end;
    const auto run = std::span(characters).subspan(i, end - i);
    std::stable_sort(run.begin(), run.end(), [](const Character& a, const Character& b) {
      return a.combining_class < b.combining_class;
    });
    i = end;
  }
}

// In place; the characters left over are cut off.
void ComposePairs(std::vector<Character>& characters) {
  const PairTable& pairs = PairTable::Get();
  size_t kept = 0;
  size_t starter = 0;
  bool has_starter = false;
  for (const Character c : characters) {
    // A mark of equal or higher class between the two keeps them apart; and so does any character
    // before a second starter.
    const bool blocked =
        !has_starter ||
        (kept > starter + 1 && characters[kept - 1].combining_class >= c.combining_class);
    const char32_t composed =
        blocked ? 0 : pairs.Compose(characters[starter].code_point, c.code_point);
    if (composed != 0) {
      characters[starter].code_point = composed;
      continue;
    }
    if (c.combining_class == 0) {
      starter = kept;
      has_starter = true;
    }
    characters[kept++] = c;
  }
  characters.resize(kept);
}

}  // namespace

bool IsSurelyComposed(std::string_view text) {
  constexpr uint8_t kFirstMarkByte = 0xC0 | kFirstMark >> 6;  // of two-byte characters from it on
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<uint8_t>(c);
    return byte < kFirstMarkByte;
  });
}

std::string ComposeText(std::string_view text) {
  if (IsSurelyComposed(text)) return std::string(text);
  std::vector<Character> characters = DecomposeAll(text);
  OrderMarks(characters);
  ComposePairs(characters);
  std::string composed;
  composed.reserve(text.size());
  for (const Character& c : characters) AppendUtf8(c.code_point, composed);
  return composed;
}

}  // namespace coderank
