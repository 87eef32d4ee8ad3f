// Whether a source file is hardly more than imports and exports: a package's front door, which
// names everything and defines nothing.
#pragma once

#include <string_view>

namespace coderank {

// At least kImportShare of the lines that are neither blank nor comments belong to statements that
// import or re-export. False for languages without such statements, and without any such line.
bool IsMostlyImports(std::string_view content, std::string_view language);
inline constexpr double kImportShare = 0.8;

}  // namespace coderank
