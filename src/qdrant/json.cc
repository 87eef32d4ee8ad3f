#include "qdrant/json.h"

#include <algorithm>

#include "base/strings.h"

namespace coderank::qdrant {
namespace {

constexpr size_t kMaxDepth = 128;  // the server itself refuses deeper JSON than that

// Brackets outside of texts; an upper bound of the depth in text that is no JSON.
size_t DepthOf(std::string_view text) {
  size_t depth = 0;
  size_t deepest = 0;
  bool in_text = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_text) {
      if (c == '\\') ++i;
      if (c == '"') in_text = false;
    } else if (c == '"') {
      in_text = true;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

const Json& Nothing() {
  static const Json nothing;
  return nothing;
}

}  // namespace

Result<Json> ParseJson(std::string_view text) {
  if (DepthOf(text) > kMaxDepth) {
    return Corrupt(StrCat("expected JSON of at most ", kMaxDepth, " levels"));
  }
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return Corrupt("expected JSON");
  return json;
}

std::string ToText(const Json& json) {
  return json.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

const Json& Member(const Json& json, std::string_view key) {
  if (!json.is_object()) return Nothing();
  const auto found = json.find(key);
  return found == json.end() ? Nothing() : *found;
}

std::string TextAt(const Json& json, std::string_view key) {
  const Json& value = Member(json, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

uint64_t NumberAt(const Json& json, std::string_view key) {
  const Json& value = Member(json, key);
  if (!value.is_number_integer() || value < 0) return 0;
  return value.get<uint64_t>();
}

const Json& AtPath(const Json& payload, std::string_view path) {
  const Json& whole = Member(payload, path);
  const size_t dot = path.find('.');
  if (!whole.is_null() || dot == std::string_view::npos) return whole;
  return AtPath(Member(payload, path.substr(0, dot)), path.substr(dot + 1));
}

Json* ParentOf(Json& payload, std::string_view path, std::string& key) {
  if (!payload.is_object()) return nullptr;
  key = path;
  if (payload.contains(key)) return &payload;
  const size_t dot = path.find('.');
  const std::string first(path.substr(0, dot));
  if (dot == std::string_view::npos || !payload.contains(first)) return nullptr;
  return ParentOf(payload[first], path.substr(dot + 1), key);
}

}  // namespace coderank::qdrant
