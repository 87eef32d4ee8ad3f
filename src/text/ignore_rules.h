// IgnoreRules: the patterns of one ignore file, with exactly the meaning that git gives them
// (gitignore(5), and where that is silent, what git 2.39 does).
//
// It decides for one path alone. That nothing below an excluded folder can be included again, and
// which of several files wins, is the walker's business.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "text/glob.h"

namespace coderank {

struct IgnoreRule {
  std::string pattern;  // as written, without the line's end and its trailing blanks
  uint32_t line = 0;    // 1-based
  bool negated = false;
  bool folders_only = false;
};

// Immutable after Parse, so thread-safe.
class IgnoreRules {
 public:
  IgnoreRules() = default;
  // `source` names the file in Describe. Never fails: what git ignores in such a file is ignored.
  static IgnoreRules Parse(std::string_view text, std::string source);

  bool empty() const { return rules_.empty(); }

  // The last rule that matches, or nullptr. `path` is relative to the folder that the rules belong
  // to, '/' separated, without leading or trailing '/'.
  const IgnoreRule* LastMatch(std::string_view path, bool is_folder) const;

  // "<file>:<line>: <pattern>"
  std::string Describe(const IgnoreRule& rule) const;

 private:
  // How a rule is tested, cheapest first. Most rules of real files need no glob at all.
  enum class Test : uint8_t {
    kNameEquals,    // literal is the whole name
    kNameEndsWith,  // "*literal"
    kNameGlob,
    kPath,  // literal is a prefix of the path and the glob matches what follows
  };
  struct Matcher {
    Test test = Test::kNameEquals;
    bool folders_only = false;
    std::string literal;
    Glob glob;
  };

  void AddLine(std::string_view line, uint32_t number);
  static Matcher CompileMatcher(std::string_view pattern);
  static bool Matches(const Matcher& matcher, std::string_view path, std::string_view name);

  std::string source_;
  std::vector<IgnoreRule> rules_;
  std::vector<Matcher> matchers_;  // parallel to rules_
};

}  // namespace coderank
