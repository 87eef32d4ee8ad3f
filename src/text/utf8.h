// UTF-8 as the Unicode standard defines it (table 3-7), with the replacement practice that
// WHATWG and Python share: each maximal part of an ill-formed sequence becomes one U+FFFD.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace coderank {

inline constexpr char32_t kReplacementCharacter = 0xFFFD;

struct DecodedCodePoint {
  char32_t code_point;  // kReplacementCharacter when ill-formed
  size_t length;        // bytes consumed, >= 1
  bool valid;
};

// The code point at the start of `text`. Precondition: not empty.
DecodedCodePoint DecodeUtf8(std::string_view text);

// Appends the code point. Precondition: a Unicode scalar value.
void AppendUtf8(char32_t code_point, std::string& out);

bool IsValidUtf8(std::string_view text);
// Ill-formed parts replaced by U+FFFD; valid text comes back unchanged.
std::string ToValidUtf8(std::string_view text);

}  // namespace coderank
