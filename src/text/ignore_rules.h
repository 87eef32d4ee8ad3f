// IgnoreRules: the patterns of one ignore file, with exactly the meaning that git gives them
// (gitignore(5), and where that is silent, what git 2.39 does).
//
// It decides for one path alone. That nothing below an excluded folder can be included again, and
// which of several files wins, is the walker's business.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
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
    std::string literal;
    Glob glob;
    size_t rule = 0;  // index in rules_
  };
  // The last rule of a literal, for folders alone and for anything: 1 + its index, 0 for none.
  struct LastRules {
    size_t for_folders = 0;
    size_t for_all = 0;
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  using Index = std::unordered_map<std::string, LastRules, Hash, std::equal_to<>>;

  void AddLine(std::string_view line, uint32_t number);
  void AddMatcher(Matcher matcher, bool folders_only);
  static Matcher CompileMatcher(std::string_view pattern);
  static bool Matches(const Matcher& matcher, std::string_view path, std::string_view name);
  static size_t Look(const Index& index, std::string_view key, bool is_folder);
  size_t LastLiteralMatch(std::string_view name, bool is_folder) const;

  std::string source_;
  std::vector<IgnoreRule> rules_;
  // Most rules name a file or an extension. They are looked up, so that a long file of them costs
  // a walk no more than a short one; the others are tried from the last one up.
  Index names_;
  Index extensions_;  // ".ext" of "*.ext", the first '.' included
  std::vector<Matcher> matchers_;
};

}  // namespace coderank
