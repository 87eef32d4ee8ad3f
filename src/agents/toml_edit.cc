#include "agents/toml_edit.h"

#define TOML_ASSERT(expression) static_assert(true)
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "base/try.h"

namespace coderank::agents {
namespace {

// Bytes beyond ASCII as question marks: the parser has undefined behaviour for some of them, and
// here it only tells where tables are and that nothing else changed.
std::string Ascii(std::string_view text) {
  std::string ascii(text);
  for (char& c : ascii) {
    if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  }
  return ascii;
}

Result<toml::table> Parse(std::string_view text) {
  toml::parse_result parsed = toml::parse(Ascii(text));
  if (parsed) return std::move(parsed).table();
  return Corrupt(
      StrCat("line ", parsed.error().source().begin.line, ": ", parsed.error().description()));
}

// A table under a header of its own.
struct Section {
  std::string name;  // "mcp_servers.coderank"
  size_t begin = 0;  // of its header's line
  size_t end = 0;    // of the next section's header, or of the text
};

void CollectSections(const toml::table& table, const std::string& prefix,
                     std::vector<std::pair<size_t, std::string>>& lines) {
  for (const auto& [key, node] : table) {
    const std::string name =
        prefix.empty() ? std::string(key.str()) : StrCat(prefix, ".", key.str());
    if (const toml::table* inner = node.as_table(); inner != nullptr && !inner->is_inline()) {
      lines.emplace_back(inner->source().begin.line, name);
      CollectSections(*inner, name, lines);
    }
    const toml::array* array = node.as_array();
    if (array == nullptr || !array->is_array_of_tables()) continue;
    for (const toml::node& element : *array) {
      if (element.as_table()->is_inline()) continue;
      lines.emplace_back(element.source().begin.line, name);
      CollectSections(*element.as_table(), name, lines);
    }
  }
}

// Where line `number` (from 1) begins.
size_t LineBegin(std::string_view text, size_t number) {
  size_t at = 0;
  for (size_t line = 1; line < number && at != std::string_view::npos; ++line) {
    at = text.find('\n', at);
    if (at != std::string_view::npos) ++at;
  }
  return std::min(at, text.size());
}

bool IsHeader(std::string_view text, size_t at) {
  const size_t first = text.find_first_not_of(" \t", at);
  return first != std::string_view::npos && text[first] == '[';
}

// In the order of the text. Tables that only dotted keys make have no header and are left out.
std::vector<Section> SectionsOf(std::string_view text, const toml::table& table) {
  std::vector<std::pair<size_t, std::string>> lines;
  CollectSections(table, "", lines);
  std::sort(lines.begin(), lines.end());
  std::vector<Section> sections;
  for (auto& [line, name] : lines) {
    const size_t begin = LineBegin(text, line);
    if (!IsHeader(text, begin)) continue;
    if (!sections.empty() && sections.back().begin == begin) {
      sections.back().name = std::move(name);  // [a.b] makes "a" in the same line
      continue;
    }
    if (!sections.empty()) sections.back().end = begin;
    sections.push_back({.name = std::move(name), .begin = begin, .end = text.size()});
  }
  return sections;
}

// Blank lines and comments at the end of a section belong to what follows.
size_t ContentEnd(std::string_view text, const Section& section) {
  size_t end = section.begin;
  size_t at = section.begin;
  while (at < section.end) {
    const size_t next = std::min(text.find('\n', at), section.end - 1) + 1;
    const size_t first = text.find_first_not_of(" \t\r", at);
    if (first < next && text[first] != '\n' && text[first] != '#') end = next;
    at = next;
  }
  return end;
}

bool IsOrBelow(const Section& section, std::string_view name) {
  return section.name == name || section.name.starts_with(StrCat(name, "."));
}

// "a.b" of the document; null when it is not there.
const toml::node* NodeOf(const toml::table& document, std::string_view name) {
  return document.at_path(name).node();
}

// All but "a.b" is the same in both.
Status CheckOnly(std::string_view before, std::string_view after, std::string_view name) {
  CODERANK_ASSIGN(toml::table first, Parse(before));
  CODERANK_ASSIGN(toml::table second, Parse(after));
  const size_t dot = name.rfind('.');
  for (toml::table* document : {&first, &second}) {
    auto* outer = document->at_path(name.substr(0, dot)).as_table();
    if (outer == nullptr) continue;
    outer->erase(name.substr(dot + 1));
    if (outer->empty()) document->erase(name.substr(0, dot));
  }
  if (first == second) return OkStatus();
  return Corrupt("the text cannot be changed without changing more of it");
}

}  // namespace

Result<std::optional<std::string>> ReadTable(std::string_view text, std::string_view name) {
  CODERANK_ASSIGN(const toml::table document, Parse(text));
  for (const Section& section : SectionsOf(text, document)) {
    if (section.name != name) continue;
    return std::optional(
        std::string(text.substr(section.begin, ContentEnd(text, section) - section.begin)));
  }
  if (NodeOf(document, name) != nullptr) {
    return Corrupt(StrCat("[", name, "]: expected a table under its own header"));
  }
  return std::optional<std::string>();
}

Result<std::string> SetTable(std::string_view text, std::string_view name, std::string_view table) {
  CODERANK_TRY(ReadTable(text, name).has_value() ? OkStatus() : ReadTable(text, name).error());
  CODERANK_ASSIGN(const toml::table document, Parse(text));
  std::string after(text);
  bool found = false;
  for (const Section& section : SectionsOf(text, document)) {
    if (section.name != name) continue;
    after.replace(section.begin, ContentEnd(text, section) - section.begin, table);
    found = true;
    break;
  }
  if (!found) {
    if (!after.empty() && after.back() != '\n') after += '\n';
    if (!after.empty()) after += '\n';
    after += table;
  }
  CODERANK_TRY(CheckOnly(text, after, name));
  return after;
}

Result<std::string> RemoveTable(std::string_view text, std::string_view name) {
  CODERANK_ASSIGN(const auto table, ReadTable(text, name));
  if (!table) return std::string(text);
  CODERANK_ASSIGN(const toml::table document, Parse(text));
  const std::vector<Section> sections = SectionsOf(text, document);
  std::string after(text);
  for (auto section = sections.rbegin(); section != sections.rend(); ++section) {
    if (!IsOrBelow(*section, name)) continue;
    size_t begin = section->begin;
    size_t end = ContentEnd(text, *section);
    // The blank line that parted it from what was before, or, at the very start, from what follows.
    const bool blank_before = begin >= 2 && text.substr(begin - 2, 2) == "\n\n";
    if (blank_before) --begin;
    if (!blank_before && begin == 0 && text.substr(end).starts_with("\n")) ++end;
    after.erase(begin, end - begin);
  }
  CODERANK_TRY(CheckOnly(text, after, name));
  return after;
}

}  // namespace coderank::agents
