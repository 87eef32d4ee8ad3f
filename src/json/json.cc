#include "json/json.h"

#include <algorithm>

#include "base/strings.h"

namespace coderank {
namespace {

using nlohmann::json;

constexpr size_t kMostDepth = 128;  // Qdrant itself refuses deeper JSON than that

}  // namespace

size_t JsonDepth(std::string_view text) {
  size_t open = 0;
  size_t deepest = 0;
  bool in_text = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_text) {
      if (c == '\\') ++i;
      if (c == '"') in_text = false;
    } else if (c == '"') {
      in_text = true;
    } else if (c == '{' || c == '[') {
      deepest = std::max(deepest, ++open);
    } else if ((c == '}' || c == ']') && open > 0) {
      --open;
    }
  }
  return deepest;
}

Result<json> ParseBoundedJson(std::string_view text) {
  if (JsonDepth(text) > kMostDepth) {
    return Corrupt(StrCat("expected JSON of at most ", kMostDepth, " levels"));
  }
  json value = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) return Corrupt("expected JSON");
  return value;
}

const json& Member(const json& object, std::string_view key) {
  static const json nothing;
  if (!object.is_object()) return nothing;
  const auto found = object.find(key);
  return found == object.end() ? nothing : *found;
}

std::string TextAt(const json& object, std::string_view key) {
  const json& value = Member(object, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

uint64_t NumberAt(const json& object, std::string_view key) {
  const json& value = Member(object, key);
  if (!value.is_number_integer() || value < 0) return 0;
  return value.get<uint64_t>();
}

}  // namespace coderank
