// Hexadecimal digits, read back.
#pragma once

#include <optional>
#include <string_view>

#include "base/sha256.h"

namespace coderank {

// The value of a digit as ToHex writes it, in lower case; -1 for anything else.
constexpr int HexDigitValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// A hash that ToHex wrote; no value where the text is none.
std::optional<Sha256Digest> DigestFromHex(std::string_view text);

}  // namespace coderank
