// Changes one table of a TOML file, line by line, and nothing beside it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "coderank/result.h"

namespace coderank::agents {

// The lines of the table [NAME], its header first; none when the file has no such table under a
// header of its own.
Result<std::optional<std::string>> ReadTable(std::string_view text, std::string_view name);

// The text with the table replaced where it is, else added at the end. `table`: its lines, each
// with its end, header first. Tables below it stay.
Result<std::string> SetTable(std::string_view text, std::string_view name, std::string_view table);

// The text without the table and those below it; unchanged when there is none.
Result<std::string> RemoveTable(std::string_view text, std::string_view name);

}  // namespace coderank::agents
