// JSON of the server and of payloads. Payloads are carried as they are; only their keys come out in
// order. Keys in order of arrival would cost quadratic time in an object with very many.
#pragma once

#include <string>
#include <string_view>

#include "json/json.h"

namespace coderank::qdrant {

using Json = nlohmann::json;

// The value at a path as the server writes them: "text", "metadata.source.text". A key that
// contains dots wins over a path. Null where there is none.
const Json& AtPath(const Json& payload, std::string_view path);
// The object that holds the path's last key, which is put into `key`; null where there is none.
Json* ParentOf(Json& payload, std::string_view path, std::string& key);

}  // namespace coderank::qdrant
