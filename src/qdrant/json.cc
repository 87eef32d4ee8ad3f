#include "qdrant/json.h"

namespace coderank::qdrant {

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
