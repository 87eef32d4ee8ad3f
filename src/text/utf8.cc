#include "text/utf8.h"

#include <cstdint>

namespace coderank {
namespace {

struct LeadByte {
  size_t length;
  uint8_t second_min;  // the second byte's range carries the overlong and surrogate rules
  uint8_t second_max;
};

LeadByte Classify(uint8_t byte) {
  if (byte < 0x80) return {1, 0, 0};
  if (byte < 0xC2) return {0, 0, 0};
  if (byte < 0xE0) return {2, 0x80, 0xBF};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte < 0xF0) return {3, 0x80, 0xBF};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte < 0xF4) return {4, 0x80, 0xBF};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

}  // namespace

DecodedCodePoint DecodeUtf8(std::string_view text) {
  const auto byte_at = [text](size_t i) { return static_cast<uint8_t>(text[i]); };
  const LeadByte lead = Classify(byte_at(0));
  if (lead.length == 1) return {byte_at(0), 1, true};
  if (lead.length == 0) return {kReplacementCharacter, 1, false};
  char32_t code_point = byte_at(0) & (0x7FU >> lead.length);
  for (size_t i = 1; i < lead.length; ++i) {
    const uint8_t low = i == 1 ? lead.second_min : uint8_t{0x80};
    const uint8_t high = i == 1 ? lead.second_max : uint8_t{0xBF};
    if (i >= text.size() || byte_at(i) < low || byte_at(i) > high) {
      return {kReplacementCharacter, i, false};
    }
    code_point = (code_point << 6) | (byte_at(i) & 0x3FU);
  }
  return {code_point, lead.length, true};
}

void AppendUtf8(char32_t code_point, std::string& out) {
  const auto put = [&out](char32_t byte) { out += static_cast<char>(byte); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0 | (code_point >> 6));
    put(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    put(0xE0 | (code_point >> 12));
    put(0x80 | ((code_point >> 6) & 0x3F));
    put(0x80 | (code_point & 0x3F));
  } else {
    put(0xF0 | (code_point >> 18));
    put(0x80 | ((code_point >> 12) & 0x3F));
    put(0x80 | ((code_point >> 6) & 0x3F));
    put(0x80 | (code_point & 0x3F));
  }
}

bool IsValidUtf8(std::string_view text) {
  while (!text.empty()) {
    const DecodedCodePoint decoded = DecodeUtf8(text);
    if (!decoded.valid) return false;
    text.remove_prefix(decoded.length);
  }
  return true;
}

std::string ToValidUtf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const DecodedCodePoint decoded = DecodeUtf8(text);
    if (decoded.valid) {
      out.append(text.substr(0, decoded.length));
    } else {
      AppendUtf8(kReplacementCharacter, out);
    }
    text.remove_prefix(decoded.length);
  }
  return out;
}

}  // namespace coderank
