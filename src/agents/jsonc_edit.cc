#include "agents/jsonc_edit.h"

#include <algorithm>
#include <utility>

#include "agents/jsonc_scanner.h"
#include "base/ascii.h"
#include "base/strings.h"
#include "base/try.h"

namespace coderank::agents {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// What a path leads to, as far as it leads.
struct Place {
  JsoncObject object;                 // the innermost one on the way
  std::optional<JsoncMember> member;  // the one at the end of the path
  size_t depth = 0;                   // of the path's keys, those that were found before `object`
};

Result<std::optional<JsoncMember>> FindKey(const JsoncObject& object, const std::string& key) {
  std::optional<JsoncMember> found;
  for (const JsoncMember& member : object.members) {
    if (member.key != key) continue;
    if (found) return Corrupt(StrCat("\"", key, "\": expected once, found twice"));
    found = member;
  }
  return found;
}

Result<Place> Follow(std::string_view text, const JsonPath& path) {
  CODERANK_ASSIGN(JsoncObject object, ScanDocument(text));
  Place place{.object = std::move(object), .member = {}};
  for (;; ++place.depth) {
    CODERANK_ASSIGN(const auto member, FindKey(place.object, path[place.depth]));
    if (!member) return place;
    if (place.depth + 1 == path.size()) {
      place.member = member;
      return place;
    }
    auto inner = ScanObject(text, member->value_begin);
    if (!inner) return Corrupt(StrCat("\"", member->key, "\": expected an object"));
    place.object = *std::move(inner);
  }
}

std::string_view LineEnd(std::string_view text) {
  const size_t end = text.find('\n');
  return end != std::string_view::npos && end > 0 && text[end - 1] == '\r' ? "\r\n" : "\n";
}

// The blanks before `at`, when nothing else stands before it in its line.
std::optional<std::string> IndentOf(std::string_view text, size_t at) {
  const size_t line = text.substr(0, at).rfind('\n');
  if (line == std::string_view::npos) return std::nullopt;
  const std::string_view before = text.substr(line + 1, at - line - 1);
  if (before.find_first_not_of(" \t") != std::string_view::npos) return std::nullopt;
  return std::string(before);
}

// What one level is indented by: what the first member of the document is.
std::string IndentUnit(std::string_view text) {
  const auto document = ScanDocument(text);
  if (document && !document->members.empty()) {
    if (auto indent = IndentOf(text, document->members.front().begin); indent && !indent->empty()) {
      return *indent;
    }
  }
  return "  ";
}

// The value over several lines, the first of which is indented already.
std::string Indented(const ordered_json& value, const std::string& indent, const std::string& unit,
                     std::string_view line_end) {
  const bool tabs = unit[0] == '\t';
  const std::string dumped = value.dump(tabs ? 1 : static_cast<int>(unit.size()), unit[0]);
  std::string out;
  for (const char c : dumped) {
    if (c == '\n') {
      out += StrCat(line_end, indent);
    } else {
      out += c;
    }
  }
  return out;
}

// Text and value of what has to be added to the innermost object that is there.
std::pair<std::string, ordered_json> MissingMember(const JsonPath& path, size_t depth,
                                                   ordered_json value) {
  for (size_t i = path.size() - 1; i > depth; --i) {
    ordered_json outer = ordered_json::object();
    outer[path[i]] = std::move(value);
    value = std::move(outer);
  }
  return {ordered_json(path[depth]).dump(), std::move(value)};
}

// Adds at the end of an object whose members stand in one line.
std::string AppendInLine(std::string_view text, const JsoncMember& last,
                         const std::string& member) {
  std::string out(text);
  if (last.comma != std::string_view::npos)
    return out.insert(last.comma + 1, StrCat(" ", member, ","));
  return out.insert(last.value_end, ", " + member);
}

std::string Append(std::string_view text, const JsoncObject& object, const std::string& key,
                   const ordered_json& value) {
  const JsoncMember* last = object.members.empty() ? nullptr : &object.members.back();
  const auto siblings = last == nullptr ? std::nullopt : IndentOf(text, last->begin);
  if (last != nullptr && !siblings) {
    return AppendInLine(text, *last, StrCat(key, ": ", value.dump()));
  }
  const std::string unit = IndentUnit(text);
  const std::string_view line_end = LineEnd(text);
  // The line in which the object begins decides where its closing bracket goes.
  const size_t line = text.substr(0, object.begin).rfind('\n') + 1;
  const std::string outer(text.substr(line, text.find_first_not_of(" \t", line) - line));
  const std::string indent = siblings.value_or(outer + unit);
  const bool has_comma = last != nullptr && last->comma != std::string_view::npos;
  std::string added = StrCat(line_end, indent, key, ": ", Indented(value, indent, unit, line_end),
                             has_comma ? "," : "");
  const std::string_view to_bracket =
      text.substr(object.content_end, object.end - object.content_end);
  if (to_bracket.find('\n') == std::string_view::npos) added += StrCat(line_end, outer);
  std::string out(text);
  out.insert(object.content_end, added);
  if (last != nullptr && !has_comma) out.insert(last->value_end, ",");
  return out;
}

// The bytes to take out for a member and the comma behind it: whole lines where it has them for
// itself, else with the blanks that part it from its neighbour.
std::pair<size_t, size_t> Extent(std::string_view text, const JsoncMember& member, bool is_last) {
  size_t begin = member.begin;
  size_t end = member.comma == std::string_view::npos ? member.value_end : member.comma + 1;
  const size_t next = std::min(text.find_first_not_of(" \t\r", end), text.size());
  const auto indent = IndentOf(text, begin);
  if (indent && next < text.size() && text[next] == '\n') {
    return {begin - indent->size(), next + 1};
  }
  if (!is_last) return {begin, next};
  while (begin > 0 && (text[begin - 1] == ' ' || text[begin - 1] == '\t')) --begin;
  return {begin, end};
}

std::string WithoutMember(std::string_view text, const JsoncObject& object,
                          const JsoncMember& member) {
  const bool is_last = member.begin == object.members.back().begin;
  const auto [begin, end] = Extent(text, member, is_last);
  std::string out(text);
  out.erase(begin, end - begin);
  // What was the last but one has no comma behind it now, as the last had none.
  if (is_last && member.comma == std::string_view::npos && object.members.size() > 1) {
    out.erase(object.members[object.members.size() - 2].comma, 1);
  }
  return out;
}

std::string_view WithoutMark(std::string_view text) {
  return text.starts_with(kByteOrderMark) ? text.substr(kByteOrderMark.size()) : text;
}

json Parsed(std::string_view text) {
  return IsBlank(text) ? json::object() : json::parse(PlainJson(text), nullptr, false);
}

// Nothing but the member may differ between the two texts.
Result<std::string> Checked(std::string_view before, std::string after, const JsonPath& path,
                            const json* value) {
  json expected = Parsed(before);
  json* object = &expected;
  for (size_t i = 0; i + 1 < path.size(); ++i) object = &(*object)[path[i]];
  if (value != nullptr) (*object)[path.back()] = *value;
  if (value == nullptr) object->erase(path.back());
  const auto scanned = ScanDocument(after);
  if (scanned && Parsed(after) == expected) return after;
  return Corrupt("the text cannot be changed without changing more of it");
}

}  // namespace

Result<std::string> SetMember(std::string_view text, const JsonPath& path,
                              const ordered_json& value) {
  const std::string_view body = WithoutMark(text);
  const std::string_view mark = text.substr(0, text.size() - body.size());
  const json plain = json::parse(value.dump());
  if (IsBlank(body)) {
    auto [key, missing] = MissingMember(path, 0, value);
    return Checked(body, StrCat(mark, ordered_json{{path[0], missing}}.dump(2), "\n"), path,
                   &plain);
  }
  CODERANK_ASSIGN(const Place place, Follow(body, path));
  std::string after;
  if (place.member) {
    const auto indent = IndentOf(body, place.member->begin);
    after =
        StrCat(body.substr(0, place.member->value_begin),
               indent ? Indented(value, *indent, IndentUnit(body), LineEnd(body)) : value.dump(),
               body.substr(place.member->value_end));
  } else {
    const auto [key, missing] = MissingMember(path, place.depth, value);
    after = Append(body, place.object, key, missing);
  }
  CODERANK_ASSIGN(const std::string checked, Checked(body, std::move(after), path, &plain));
  return StrCat(mark, checked);
}

Result<std::string> RemoveMember(std::string_view text, const JsonPath& path) {
  const std::string_view body = WithoutMark(text);
  if (IsBlank(body)) return std::string(text);
  CODERANK_ASSIGN(const Place place, Follow(body, path));
  if (!place.member) return std::string(text);
  CODERANK_ASSIGN(const std::string after,
                  Checked(body, WithoutMember(body, place.object, *place.member), path, nullptr));
  return StrCat(text.substr(0, text.size() - body.size()), after);
}

Result<std::optional<json>> ReadMember(std::string_view text, const JsonPath& path) {
  const std::string_view body = WithoutMark(text);
  if (IsBlank(body)) return std::optional<json>();
  CODERANK_ASSIGN(const Place place, Follow(body, path));
  if (!place.member) return std::optional<json>();
  const size_t begin = place.member->value_begin;
  return std::optional(Parsed(body.substr(begin, place.member->value_end - begin)));
}

}  // namespace coderank::agents
