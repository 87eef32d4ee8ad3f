#include "tokenizer/byte_level.h"

#include <array>

#include "text/utf8.h"

namespace coderank {
namespace {

constexpr bool StandsForItself(unsigned byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

struct Spellings {
  std::array<char32_t, 256> of_byte{};
  std::array<int16_t, 0x180> to_byte{};  // -1 for a character that spells none
};

constexpr Spellings MakeSpellings() {
  Spellings spellings;
  for (int16_t& byte : spellings.to_byte) byte = -1;
  char32_t next = 0x100;
  for (unsigned byte = 0; byte < 256; ++byte) {
    const char32_t c = StandsForItself(byte) ? char32_t{byte} : next++;
    spellings.of_byte[byte] = c;
    spellings.to_byte[c] = static_cast<int16_t>(byte);
  }
  return spellings;
}

constexpr Spellings kSpellings = MakeSpellings();

}  // namespace

char32_t SpellingOfByte(uint8_t byte) { return kSpellings.of_byte[byte]; }

std::optional<std::string> SpelledBytes(std::string_view token) {
  std::string bytes;
  while (!token.empty()) {
    const DecodedCodePoint c = DecodeUtf8(token);
    if (c.code_point >= kSpellings.to_byte.size()) return std::nullopt;
    const int16_t byte = kSpellings.to_byte[c.code_point];
    if (byte < 0) return std::nullopt;
    bytes += static_cast<char>(byte);
    token.remove_prefix(c.length);
  }
  return bytes;
}

}  // namespace coderank
