// The language of a source file, from its name and first line.
#pragma once

#include <string_view>

namespace coderank {

// Lower-case name ("cpp", "python", "markdown"), or empty when unknown. `content` is consulted
// for a "#!" line only where the name does not say.
std::string_view DetectLanguage(std::string_view path, std::string_view content);

}  // namespace coderank
