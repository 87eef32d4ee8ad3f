// A file of another program's settings: read whole, replaced in one step, as it is otherwise.
#pragma once

#include <filesystem>
#include <string>

#include "coderank/result.h"

namespace coderank::agents {

// Its text; empty when there is no such file.
Result<std::string> ReadSettings(const std::filesystem::path& file);

// Replaces it, keeping its mode, and returns where the old text is kept beside it; an empty path
// when there was no file. A link stays a link: what it points to is replaced. Fails when it does
// not hold `before` any more.
Result<std::filesystem::path> ReplaceSettings(const std::filesystem::path& file,
                                              const std::string& before, const std::string& after);

}  // namespace coderank::agents
