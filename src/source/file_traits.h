// Tells what kind of file a source file is, by its path, its head and its imports.
#pragma once

#include <string_view>

#include "text/file_trait.h"

namespace coderank {

// Pure and linear in `content`. `path` is relative to the indexed root; `language` is a name from
// DetectLanguage, or empty.
FileTraits DetectFileTraits(std::string_view path, std::string_view language,
                            std::string_view content);

}  // namespace coderank
