#include "search/query_analysis.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/ascii.h"
#include "lexical/stop_words.h"
#include "text/identifiers.h"

namespace coderank {
namespace {

// Words that declare something in one language or another: "class Foo" asks for Foo.
constexpr std::array<std::string_view, 22> kDeclarators = {
    "class",  "struct", "enum",     "union", "interface", "trait",  "impl",   "type",
    "def",    "func",   "fn",       "fun",   "function",  "method", "module", "namespace",
    "object", "record", "protocol", "const", "macro",     "typedef"};

struct TraitWord {
  std::string_view word;
  FileTraits traits;
};
// Words by which a query says that it wants such files.
constexpr TraitWord kTraitWords[] = {
    {"test", kTraitTest},          {"tests", kTraitTest},
    {"testing", kTraitTest},       {"unittest", kTraitTest},
    {"fixture", kTraitTest},       {"fixtures", kTraitTest},
    {"benchmark", kTraitTest},     {"benchmarks", kTraitTest},
    {"example", kTraitExample},    {"examples", kTraitExample},
    {"sample", kTraitExample},     {"demo", kTraitExample},
    {"tutorial", kTraitExample},   {"docs", kTraitDocs | kTraitProse},
    {"readme", kTraitProse},       {"changelog", kTraitProse},
    {"guide", kTraitProse},        {"vendored", kTraitVendored},
    {"generated", kTraitGenerated}};

constexpr size_t kShortestWord = 3;

bool IsWordByte(char c) {
  return IsAsciiAlnum(c) || c == '_' || c == '$' || static_cast<unsigned char>(c) >= 0x80;
}
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }

std::vector<std::string_view> SplitAtBlanks(std::string_view text) {
  std::vector<std::string_view> parts;
  while (!(text = Trimmed(text)).empty()) {
    const size_t end = std::min(text.find_first_of(" \t\r\n"), text.size());
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return parts;
}

// "a::b.c->d#e" is a, b, c, d, e; empty when anything else than names and separators is in it.
std::vector<std::string_view> Components(std::string_view text) {
  std::vector<std::string_view> components;
  while (!text.empty()) {
    size_t end = 0;
    while (end < text.size() && IsWordByte(text[end])) ++end;
    if (end == 0 || IsAsciiDigit(text[0])) return {};
    components.push_back(text.substr(0, end));
    text.remove_prefix(end);
    if (text.empty()) break;
    const size_t separator = text.starts_with("::") || text.starts_with("->") ? 2 : 1;
    if (separator == 1 && text[0] != '.' && text[0] != '#' && text[0] != ':') return {};
    text.remove_prefix(separator);
    if (text.empty()) return {};
  }
  return components;
}

std::string_view WithoutCall(std::string_view word) {
  if (const size_t open = word.find('('); open != std::string_view::npos && open > 0) {
    return word.substr(0, open);
  }
  return word;
}

// Whether a word of a sentence can only be a name: nobody writes prose like that.
bool LooksLikeName(std::string_view word) {
  bool lower_before = false;
  for (size_t i = 0; i < word.size(); ++i) {
    if (word[i] == '_' && i > 0 && i + 1 < word.size()) return true;
    if (lower_before && IsUpper(word[i])) return true;
    lower_before = word[i] >= 'a' && word[i] <= 'z';
  }
  return false;
}

bool CanBePath(std::string_view word) {
  return word.find("//") == std::string_view::npos &&
         std::all_of(word.begin(), word.end(),
                     [](char c) { return IsWordByte(c) || c == '/' || c == '.' || c == '-'; });
}

// Takes ":12" or ":12-40" off the end of what can be a path by itself; 0 where there is none.
uint32_t TakeLine(std::string_view& word) {
  const size_t colon = word.rfind(':');
  if (colon == std::string_view::npos || word.find_first_of("./") >= colon) return 0;
  const char* end = word.data() + word.size();
  uint32_t line = 0;
  auto [stop, error] = std::from_chars(word.data() + colon + 1, end, line);
  if (error != std::errc() || !CanBePath(word.substr(0, colon))) return 0;
  if (stop != end) {  // the last line of a range, which says nothing more
    uint32_t last = 0;
    if (*stop != '-') return 0;
    const auto [range_end, range_error] = std::from_chars(stop + 1, end, last);
    if (range_error != std::errc() || range_end != end) return 0;
  }
  word = word.substr(0, colon);
  return line;
}

void AddOnce(std::vector<std::string>& list, std::string_view value) {
  if (std::find(list.begin(), list.end(), value) == list.end()) list.emplace_back(value);
}

void CollectWords(std::string_view text, QueryAnalysis& analysis) {
  for (const std::string& word : SplitIdentifier(text)) {
    for (const TraitWord& known : kTraitWords) {
      if (known.word == word) analysis.wanted_traits |= known.traits;
    }
    if (word.size() < kShortestWord || IsStopWord(word)) continue;
    AddOnce(analysis.words, word);
  }
}

void CollectMentioned(std::string_view word, QueryAnalysis& analysis) {
  const bool quoted = word.size() > 2 && word.starts_with('`');
  while (!word.empty() && !IsWordByte(word.front())) word.remove_prefix(1);
  const bool called = word.find("()") != std::string_view::npos;
  word = WithoutCall(word);
  while (!word.empty() && !IsWordByte(word.back())) word.remove_suffix(1);
  const auto components = Components(word);
  if (components.empty()) return;
  const std::string_view name = components.back();
  if (quoted || called || components.size() > 1 || LooksLikeName(name)) {
    AddOnce(analysis.mentioned, name);
  }
}

}  // namespace

QueryAnalysis AnalyseQuery(std::string_view text) {
  QueryAnalysis analysis;
  CollectWords(text, analysis);
  std::vector<std::string_view> words = SplitAtBlanks(text);
  if (words.size() == 2 &&
      std::find(kDeclarators.begin(), kDeclarators.end(), words[0]) != kDeclarators.end()) {
    words.erase(words.begin());
  }
  if (words.size() == 1) {
    analysis.line = TakeLine(words[0]);
    if (CanBePath(words[0])) analysis.path = words[0];
    if (analysis.path.find('/') != std::string::npos) {
      analysis.shape = QueryShape::kPath;
      return analysis;
    }
    if (const auto components = Components(WithoutCall(words[0])); !components.empty()) {
      analysis.shape = QueryShape::kName;
      analysis.name = components.back();
      if (components.size() > 1) analysis.qualifier = components[components.size() - 2];
      return analysis;
    }
  }
  for (const std::string_view word : words) CollectMentioned(word, analysis);
  return analysis;
}

}  // namespace coderank
