#include "syntax/qualified_name.h"

#include <algorithm>
#include <vector>

#include "base/ascii.h"
#include "base/strings.h"
#include "syntax/outline.h"

namespace coderank {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\f\v";
constexpr std::string_view kOperator = "operator";

bool IsNameByte(char c) {
  return IsAsciiAlnum(c) || c == '_' || (static_cast<unsigned char>(c) & 0x80U) != 0;
}

std::string_view Unquoted(std::string_view text) {
  text = Trimmed(text, kBlanks);
  while (text.size() >= 2 && text.front() == text.back() &&
         std::string_view("\"'`").find(text.front()) != std::string_view::npos) {
    text = Trimmed(text.substr(1, text.size() - 2), kBlanks);
  }
  return text;
}

// One line, and not longer than a name may be.
std::string Cleaned(std::string_view text) {
  std::string clean;
  for (const char c : Unquoted(text)) {
    const bool blank = kBlanks.find(c) != std::string_view::npos;
    if (!blank) {
      clean += c;
    } else if (!clean.empty() && clean.back() != ' ') {
      clean += ' ';
    }
    if (clean.size() > kMaximumNameBytes) break;
  }
  if (clean.size() <= kMaximumNameBytes) return clean;
  size_t end = kMaximumNameBytes;
  while (end > 0 && (static_cast<unsigned char>(clean[end]) & 0xC0U) == 0x80) --end;
  clean.resize(end);
  return clean;
}

// The words of a heading: of images nothing, of links what is shown.
std::string Prose(std::string_view text) {
  std::string words;
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const bool image = text.substr(at).starts_with("![");
    if (image || (c == ']' && at + 1 < text.size() && text[at + 1] == '(')) {
      // "![alt](target)" and the "(target)" of a link.
      const size_t target = image ? text.find("](", at) : at;
      const size_t end = target == std::string_view::npos ? target : text.find(')', target);
      if (end != std::string_view::npos) {
        at = end;
        continue;
      }
    }
    if (std::string_view("[]`*").find(c) == std::string_view::npos) words += c;
  }
  return words;
}

// At separators outside of brackets. `operator<` and what follows it is one part.
std::vector<std::string_view> Parts(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  size_t start = 0;
  int depth = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (at == start && text.substr(at).starts_with(kOperator) &&
        (at + kOperator.size() == text.size() || !IsNameByte(text[at + kOperator.size()]))) {
      break;
    }
    if (c == '<' || c == '[' || c == '(') ++depth;
    if ((c == '>' || c == ']' || c == ')') && depth > 0) --depth;
    if (depth > 0 || separators.find(c) == std::string_view::npos) continue;
    parts.push_back(text.substr(start, at - start));
    start = at + 1;
  }
  parts.push_back(text.substr(start));
  return parts;
}

}  // namespace

QualifiedName SplitName(std::string_view text, const Language& language) {
  QualifiedName result;
  text = Unquoted(text);
  if (language.separators.empty()) {
    result.name = language.prose ? Cleaned(Prose(text)) : Cleaned(text);
    return result;
  }
  const std::vector<std::string_view> parts = Parts(text, language.separators);
  const auto silent = [&](std::string_view part) {
    return std::find(language.silent.begin(), language.silent.end(), part) != language.silent.end();
  };
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    const std::string part = Cleaned(parts[i].substr(0, parts[i].find_first_of("<[(")));
    if (part.empty() || silent(part)) continue;
    if (result.scope.size() + part.size() + 1 > kMaximumNameBytes) break;
    result.scope += StrCat(result.scope.empty() ? "" : ".", part);
  }
  // `A<T>::f<U>`, but `operator<` and `operator()`.
  std::string_view last = parts.back();
  if (const size_t bracket = last.find_first_of("<[("); !last.starts_with(kOperator)) {
    if (bracket != 0) last = last.substr(0, bracket);
  } else {
    last = last.substr(0, last.find('(', kOperator.size() + 1));
  }
  result.name = Cleaned(last);
  if (silent(result.name)) result.name.clear();
  return result;
}

}  // namespace coderank
