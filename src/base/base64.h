// Base64 (RFC 4648, section 4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace coderank {

std::string ToBase64(std::string_view bytes);

// No value for other characters, wrong padding, or bits that no byte has: one text has one
// spelling.
std::optional<std::string> FromBase64(std::string_view text);

}  // namespace coderank
