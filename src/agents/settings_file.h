// A file of another program's settings: read whole, replaced in one step, as it is otherwise.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "coderank/result.h"

namespace coderank::agents {

// Its text; empty when there is no such file.
Result<std::string> ReadSettings(const std::filesystem::path& file);

// The text of before coderank was installed, which is kept beside the file. No value where there
// was no file then.
Result<std::optional<std::string>> ReadBackup(const std::filesystem::path& file);

// Replaces it, keeping its mode. A link stays a link: what it points to is replaced. Fails when it
// does not hold `before` any more.
Status ReplaceSettings(const std::filesystem::path& file, const std::string& before,
                       const std::string& after);
// The same, leaving no file.
Status RemoveSettings(const std::filesystem::path& file, const std::string& before);

// Keeps the text beside the file, and returns where; an empty path when there is no file, or a
// text is kept already: that is the one that has nothing of coderank in it.
Result<std::filesystem::path> BackUp(const std::filesystem::path& file);
// Removes what is kept when the file has that text again. Returns what was removed.
Result<std::filesystem::path> RemoveNeedlessBackup(const std::filesystem::path& file);

}  // namespace coderank::agents
