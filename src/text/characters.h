// What the reference tokenizer knows about single characters: flags, lower case, canonical
// decomposition. The data is generated from that tokenizer (unicode_tables.h) and not taken from
// a Unicode library, because its tables come from several Unicode versions, and because ids must
// not change with the version of a system library.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "text/unicode_tables.h"

namespace coderank {

// Immutable, so thread-safe.
class CharacterTable {
 public:
  // Built on first use; about 2 MB of which text touches a few pages.
  static const CharacterTable& Get();

  // Bits of CharacterFlag. Precondition for all: a Unicode scalar value.
  uint16_t Flags(char32_t c) const { return flags_[c]; }
  bool Has(char32_t c, uint16_t flags) const { return (flags_[c] & flags) != 0; }

 private:
  CharacterTable();
  std::vector<uint16_t> flags_;  // [0x110000]
};

// 0 for characters without kReordersFlag.
uint8_t CombiningClass(char32_t c);

// At most four characters.
struct CharacterSequence {
  char32_t characters[4] = {};
  uint32_t size = 0;

  const char32_t* begin() const { return characters; }
  const char32_t* end() const { return characters + size; }
};

// The character itself where it has no decomposition (no lower case).
CharacterSequence Decompose(char32_t c);
// Per character, without context: a Greek sigma at the end of a word is no exception.
CharacterSequence ToLowercase(char32_t c);

}  // namespace coderank
