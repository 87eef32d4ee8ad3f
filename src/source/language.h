// The language of a source file, from its name and first line.
#pragma once

#include <span>
#include <string_view>

namespace coderank {

// Lower-case name ("cpp", "python", "markdown"), or empty when unknown. `content` is consulted
// for a "#!" line only where the name does not say.
std::string_view DetectLanguage(std::string_view path, std::string_view content);

// Every name that DetectLanguage may give, sorted.
std::span<const std::string_view> KnownLanguages();

// The language that somebody means by its name, by a usual other name ("golang", "c++", "shell"),
// or by an extension or program of its files ("py", "node"), in any case. Empty: none.
std::string_view LanguageNamed(std::string_view name);

}  // namespace coderank
