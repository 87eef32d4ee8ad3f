// Hexadecimal digits, read back.
#pragma once

namespace coderank {

// The value of a digit as ToHex writes it, in lower case; -1 for anything else.
constexpr int HexDigitValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace coderank
