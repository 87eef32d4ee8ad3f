// Ignore rules and paths from a checkout are untrusted: any bytes must give an answer, soon.
//
// The input is a rule file, a NUL, and a path. Beyond crashes it checks that a reported rule is one
// of the file's and that a path's own literal spelling as a rule matches it.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "text/ignore_rules.h"

namespace {

void Check(bool holds) {
  if (!holds) std::abort();
}

// The path as a rule that means it literally.
std::string Escaped(std::string_view path) {
  std::string rule = "/";
  for (const char c : path) {
    rule += '\\';
    rule += c;
  }
  return rule;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t split = input.find('\0');
  const std::string_view rules_text = input.substr(0, split);
  const std::string_view path =
      split == std::string_view::npos ? std::string_view() : input.substr(split + 1);
  const auto rules = coderank::IgnoreRules::Parse(rules_text, "f");
  for (const bool is_folder : {false, true}) {
    const coderank::IgnoreRule* rule = rules.LastMatch(path, is_folder);
    if (rule == nullptr) continue;
    Check(is_folder || !rule->folders_only);
    Check(rule->negated == rule->pattern.starts_with('!'));
    Check(rules_text.find(rule->pattern) != std::string_view::npos);
    Check(!rules.Describe(*rule).empty());
  }
  const bool literal =
      !path.empty() && path.find_first_of(std::string_view("\0\n\r", 3)) == std::string_view::npos;
  if (literal && path.front() != '/' && path.back() != '/') {
    const auto own = coderank::IgnoreRules::Parse(Escaped(path), "f");
    Check(own.LastMatch(path, false) != nullptr);
  }
  return 0;
}
