// The spelling of bytes in byte-level vocabularies: each of the 256 bytes is written as one
// printable character, so that every piece of text is a string without white space.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace coderank {

// Printable Latin-1 bytes stand for themselves, the others, in their order, for U+0100 and on.
char32_t SpellingOfByte(uint8_t byte);

// The bytes that `token` (well-formed UTF-8) spells; nullopt where a character of it spells none.
std::optional<std::string> SpelledBytes(std::string_view token);

}  // namespace coderank
