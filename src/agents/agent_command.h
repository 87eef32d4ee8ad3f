// An agent's own command.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coderank/result.h"

namespace coderank::agents {

// Where PATH has the program; none when it has not.
std::optional<std::filesystem::path> FindProgram(std::string_view name);

// Runs it without input and output. An error says how it ended.
Status RunProgram(const std::filesystem::path& program, const std::vector<std::string>& arguments);

}  // namespace coderank::agents
