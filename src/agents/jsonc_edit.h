// Changes one member of JSON with comments, and not a byte more than that takes.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coderank/result.h"

namespace coderank::agents {

using JsonPath = std::vector<std::string>;

// The text with the member set: replaced where it is, else added at the end of the object that
// holds it, in the way that the text is indented and ends its lines. Objects that are missing on
// the way are added too. Blank text becomes a document. An error when the text cannot be
// understood, or has the same key twice on the way.
Result<std::string> SetMember(std::string_view text, const JsonPath& path,
                              const nlohmann::ordered_json& value);

// The text without the member; unchanged when there is none.
Result<std::string> RemoveMember(std::string_view text, const JsonPath& path);

// The value of the member, comments and trailing commas left out.
Result<std::optional<nlohmann::json>> ReadMember(std::string_view text, const JsonPath& path);

}  // namespace coderank::agents
