// Reading JSON that others wrote.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "coderank/result.h"

namespace coderank::remote {

using Json = nlohmann::json;

// kCorrupt when `text` is not JSON. Does not throw.
inline Result<Json> ParseJson(std::string_view text) {
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return Corrupt("expected JSON");
  return json;
}

// The member of an object; null where there is none.
inline const Json& Member(const Json& json, std::string_view key) {
  static const Json nothing;
  if (!json.is_object()) return nothing;
  const auto found = json.find(key);
  return found == json.end() ? nothing : *found;
}

// "" where it is no text.
inline std::string TextAt(const Json& json, std::string_view key) {
  const Json& value = Member(json, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

// 0 where it is no number, or one below 0.
inline uint64_t NumberAt(const Json& json, std::string_view key) {
  const Json& value = Member(json, key);
  return value.is_number_unsigned() ? value.get<uint64_t>() : 0;
}

// One line; ill-formed UTF-8 becomes U+FFFD.
inline std::string ToText(const Json& json, int indent = -1) {
  return json.dump(indent, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

}  // namespace coderank::remote
