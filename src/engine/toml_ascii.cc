#include "engine/toml_ascii.h"

#include <charconv>

namespace coderank {

std::string ToAsciiToml(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string ascii;
  ascii.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && c != '%') {
      ascii += c;
    } else {
      ascii += '%';
      ascii += kHex[byte >> 4U];
      ascii += kHex[byte & 15U];
    }
  }
  return ascii;
}

std::string FromAsciiToml(std::string_view value) {
  std::string text;
  text.reserve(value.size());
  for (size_t at = 0; at < value.size(); ++at) {
    unsigned char byte = 0;
    const std::string_view digits = value[at] == '%' ? value.substr(at + 1, 2) : "";
    const char* end = digits.data() + digits.size();
    if (digits.size() == 2 && std::from_chars(digits.data(), end, byte, 16).ptr == end) {
      text += static_cast<char>(byte);
      at += 2;
    } else {
      text += value[at];
    }
  }
  return text;
}

}  // namespace coderank
