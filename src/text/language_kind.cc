#include "text/language_kind.h"

#include <algorithm>
#include <array>

namespace coderank {
namespace {

constexpr std::array<std::string_view, 8> kProse = {"markdown", "rst",   "asciidoc", "org",
                                                    "latex",    "typst", "html",     "text"};
constexpr std::array<std::string_view, 12> kData = {
    "",    "json",       "yaml",  "toml",      "xml",           "ini",
    "csv", "properties", "gomod", "gitignore", "gitattributes", "bibtex"};

}  // namespace

LanguageKind KindOfLanguage(std::string_view language) {
  const auto is_in = [language](const auto& names) {
    return std::find(names.begin(), names.end(), language) != names.end();
  };
  if (is_in(kProse)) return LanguageKind::kProse;
  return is_in(kData) ? LanguageKind::kData : LanguageKind::kCode;
}

}  // namespace coderank
