// JSON of the server and of payloads. Payloads are carried as they are; only their keys come out in
// order. Keys in order of arrival would cost quadratic time in an object with very many.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "coderank/result.h"

namespace coderank::qdrant {

using Json = nlohmann::json;

// kCorrupt when `text` is not JSON, or nested deeper than any payload is: writing a value out takes
// a stack frame a level.
Result<Json> ParseJson(std::string_view text);

// One line; ill-formed UTF-8 becomes U+FFFD.
std::string ToText(const Json& json);

// The member of an object, of any depth; null where there is none.
const Json& Member(const Json& json, std::string_view key);
// "" or 0 where there is no such member of that type.
std::string TextAt(const Json& json, std::string_view key);
uint64_t NumberAt(const Json& json, std::string_view key);

// The value at a path as the server writes them: "text", "metadata.source.text". A key that
// contains dots wins over a path. Null where there is none.
const Json& AtPath(const Json& payload, std::string_view path);
// The object that holds the path's last key, which is put into `key`; null where there is none.
Json* ParentOf(Json& payload, std::string_view path, std::string& key);

}  // namespace coderank::qdrant
