#include "text/ignore_rules.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"

namespace coderank {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kWildcards = "*?[\\";

// Cuts the last run of blanks, unless its first blank is escaped. Tabs stay, as in git.
std::string_view TrimTrailingSpaces(std::string_view line) {
  size_t end = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == ' ') continue;
    if (line[i] == '\\') {
      if (++i == line.size()) return line;
    }
    end = i + 1;
  }
  return line.substr(0, end);
}

// git keeps patterns as C strings: a NUL ends one.
std::string_view UntilNul(std::string_view line) { return line.substr(0, line.find('\0')); }

}  // namespace

IgnoreRules IgnoreRules::Parse(std::string_view text, std::string source) {
  IgnoreRules rules;
  rules.source_ = std::move(source);
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    text.remove_prefix(kByteOrderMark.size());
  }
  for (uint32_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty() && line.front() == '#') continue;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    rules.AddLine(TrimTrailingSpaces(UntilNul(line)), number);
  }
  return rules;
}

void IgnoreRules::AddLine(std::string_view line, uint32_t number) {
  IgnoreRule rule{std::string(line), number};
  if (!line.empty() && line.front() == '!') {
    rule.negated = true;
    line.remove_prefix(1);
  }
  if (!line.empty() && line.back() == '/') {
    rule.folders_only = true;
    line.remove_suffix(1);
  }
  if (line.empty()) return;  // matches nothing
  const bool folders_only = rule.folders_only;
  rules_.push_back(std::move(rule));
  AddMatcher(CompileMatcher(line), folders_only);
}

void IgnoreRules::AddMatcher(Matcher matcher, bool folders_only) {
  const bool extension = matcher.test == Test::kNameEndsWith && matcher.literal.starts_with('.');
  if (matcher.test == Test::kNameEquals || extension) {
    LastRules& last = (extension ? extensions_ : names_)[matcher.literal];
    (folders_only ? last.for_folders : last.for_all) = rules_.size();
    return;
  }
  matcher.rule = rules_.size() - 1;
  matchers_.push_back(std::move(matcher));
}

IgnoreRules::Matcher IgnoreRules::CompileMatcher(std::string_view pattern) {
  if (pattern.find('/') != std::string_view::npos) {
    if (pattern.front() == '/') pattern.remove_prefix(1);
    // As in git the literal part is taken off first, so that "a**/b" is "a" and then a "**" that
    // starts a pattern.
    const size_t literal = std::min(pattern.find_first_of(kWildcards), pattern.size());
    return {Test::kPath, std::string(pattern.substr(0, literal)),
            Glob(pattern.substr(literal), GlobMode::kPath)};
  }
  const size_t wildcard = pattern.find_first_of(kWildcards);
  if (wildcard == std::string_view::npos) {
    return {Test::kNameEquals, std::string(pattern), Glob()};
  }
  if (pattern.front() == '*' && pattern.find_first_of(kWildcards, 1) == std::string_view::npos) {
    return {Test::kNameEndsWith, std::string(pattern.substr(1)), Glob()};
  }
  return {Test::kNameGlob, std::string(), Glob(pattern, GlobMode::kName)};
}

bool IgnoreRules::Matches(const Matcher& matcher, std::string_view path, std::string_view name) {
  switch (matcher.test) {
    case Test::kNameEquals:
      return name == matcher.literal;
    case Test::kNameEndsWith:
      return name.ends_with(matcher.literal);
    case Test::kNameGlob:
      return matcher.glob.Matches(name);
    case Test::kPath:
      return path.starts_with(matcher.literal) &&
             matcher.glob.Matches(path.substr(matcher.literal.size()));
  }
  return false;
}

size_t IgnoreRules::Look(const Index& index, std::string_view key, bool is_folder) {
  const auto found = index.find(key);
  if (found == index.end()) return 0;
  return std::max(found->second.for_all, is_folder ? found->second.for_folders : 0);
}

// 1 + the index of the last rule that is a name or an extension and matches; 0 for none.
size_t IgnoreRules::LastLiteralMatch(std::string_view name, bool is_folder) const {
  size_t last = names_.empty() ? 0 : Look(names_, name, is_folder);
  if (extensions_.empty()) return last;
  for (size_t dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.', dot + 1)) {
    last = std::max(last, Look(extensions_, name.substr(dot), is_folder));
  }
  return last;
}

const IgnoreRule* IgnoreRules::LastMatch(std::string_view path, bool is_folder) const {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  const size_t literal = LastLiteralMatch(name, is_folder);
  for (size_t i = matchers_.size(); i-- > 0;) {
    const Matcher& matcher = matchers_[i];
    if (matcher.rule < literal) break;
    const IgnoreRule& rule = rules_[matcher.rule];
    if (rule.folders_only && !is_folder) continue;
    if (Matches(matcher, path, name)) return &rule;
  }
  return literal == 0 ? nullptr : &rules_[literal - 1];
}

std::string IgnoreRules::Describe(const IgnoreRule& rule) const {
  return StrCat(source_, ":", rule.line, ": ", rule.pattern);
}

}  // namespace coderank
