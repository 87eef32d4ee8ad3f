#include "source/import_lines.h"

#include <algorithm>
#include <cstddef>
#include <span>

#include "base/ascii.h"

namespace coderank {
namespace {

using Words = std::span<const std::string_view>;

// Ways to begin a statement that only moves names between modules.
constexpr std::string_view kPython[] = {"import ", "from ", "__all__"};
constexpr std::string_view kJavaScript[] = {"import ",
                                            "import{",
                                            "import\"",
                                            "import'",
                                            "export *",
                                            "export {",
                                            "export{",
                                            "export type {",
                                            "export type *",
                                            "export default {",
                                            "module.exports = require",
                                            "module.exports = {",
                                            "exports.__esModule",
                                            "\"use strict\"",
                                            "'use strict'"};
constexpr std::string_view kRust[] = {
    "use ", "pub use ", "mod ", "pub mod ", "pub(crate) mod ", "pub(crate) use ", "extern crate "};
constexpr std::string_view kC[] = {"#include", "#pragma once", "#import", "@import"};
constexpr std::string_view kJvm[] = {"package ", "import "};
constexpr std::string_view kRuby[] = {"require ", "require_relative ", "autoload "};

constexpr std::string_view kHashComments[] = {"#"};
constexpr std::string_view kSlashComments[] = {"//", "/*", "*"};

struct Rules {
  Words imports;
  Words comments;
};

Rules RulesOf(std::string_view language) {
  if (language == "python") return {kPython, kHashComments};
  if (language == "javascript" || language == "typescript" || language == "tsx") {
    return {kJavaScript, kSlashComments};
  }
  if (language == "rust") return {kRust, kSlashComments};
  if (language == "c" || language == "cpp" || language == "objc") return {kC, kSlashComments};
  if (language == "java" || language == "kotlin" || language == "scala") {
    return {kJvm, kSlashComments};
  }
  if (language == "ruby") return {kRuby, kHashComments};
  return {};
}

bool StartsWithAny(std::string_view line, Words words) {
  return std::any_of(words.begin(), words.end(),
                     [line](std::string_view word) { return line.starts_with(word); });
}

// Open minus closed brackets: a statement goes on while some are open.
int OpenBrackets(std::string_view line) {
  int open = 0;
  for (const char c : line) {
    if (c == '(' || c == '{' || c == '[') ++open;
    if (c == ')' || c == '}' || c == ']') --open;
  }
  return open;
}

// Python's docstrings are comments in effect. True while `line` lies in one; `inside` is the state.
bool InDocstring(std::string_view line, bool& inside) {
  const bool opens = line.starts_with("\"\"\"") || line.starts_with("'''");
  if (!inside && !opens) return false;
  const std::string_view rest = inside ? line : line.substr(3);
  const bool closes =
      rest.find("\"\"\"") != std::string_view::npos || rest.find("'''") != std::string_view::npos;
  inside = !closes;
  return true;
}

}  // namespace

bool IsMostlyImports(std::string_view content, std::string_view language) {
  const Rules rules = RulesOf(language);
  if (rules.imports.empty()) return false;
  size_t lines = 0;
  size_t imports = 0;
  int open = 0;  // brackets of an import statement that goes on
  bool docstring = false;
  while (!content.empty()) {
    const size_t end = std::min(content.find('\n'), content.size());
    const std::string_view line = Trimmed(content.substr(0, end), " \t\r");
    content.remove_prefix(std::min(end + 1, content.size()));
    if (line.empty() ||
        (open == 0 && StartsWithAny(line, rules.comments) && !StartsWithAny(line, rules.imports))) {
      continue;
    }
    if (language == "python" && InDocstring(line, docstring)) continue;
    ++lines;
    if (open > 0 || StartsWithAny(line, rules.imports)) {
      ++imports;
      open = std::max(0, open + OpenBrackets(line));
    }
  }
  return imports > 0 && static_cast<double>(imports) >= kImportShare * static_cast<double>(lines);
}

}  // namespace coderank
