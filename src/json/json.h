// JSON that others wrote, read without trust in its shape, and JSON as text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "coderank/result.h"

namespace coderank {

// Brackets outside of texts that are open at the deepest place. Text that is no JSON gives some
// number: the parser refuses it afterwards.
size_t JsonDepth(std::string_view text);

// kCorrupt when `text` is not JSON, or nested deeper than any reply of a service is: writing a
// value out takes a stack frame a level. Does not throw.
Result<nlohmann::json> ParseBoundedJson(std::string_view text);

// The member of an object; null where there is none, or no object.
const nlohmann::json& Member(const nlohmann::json& object, std::string_view key);
// "" where there is no such member, or it is no text.
std::string TextAt(const nlohmann::json& object, std::string_view key);
// 0 where there is no such member, or it is no whole number from 0.
uint64_t NumberAt(const nlohmann::json& object, std::string_view key);

// One line, or indented by so many spaces; ill-formed UTF-8 becomes U+FFFD. Of a list in braces:
// its keys in order.
template <typename Json = nlohmann::json>
std::string ToText(const Json& json, int indent = -1) {
  return json.dump(indent, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

}  // namespace coderank
