#include "syntax/outline_query.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <span>
#include <utility>

#include "base/strings.h"
#include "base/try.h"

namespace coderank {
namespace {

// Matches under way at once. More than a few hundred are needed by no file but hostile ones, in
// which some definitions then go unnoticed.
constexpr uint32_t kMatchesUnderWay = 4096;

std::string_view TextOf(TSNode node, std::string_view text) {
  const size_t start = std::min<size_t>(ts_node_start_byte(node), text.size());
  const size_t end = std::min<size_t>(ts_node_end_byte(node), text.size());
  return text.substr(start, std::max(start, end) - start);
}

bool Contains(std::span<const std::string_view> values, std::string_view value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

// C++ wraps what is a template, whose parameters usually have a line of their own.
TSNode WithTemplate(TSNode node) {
  for (;;) {
    const TSNode parent = ts_node_parent(node);
    if (ts_node_is_null(parent) ||
        std::string_view(ts_node_type(parent)) != "template_declaration") {
      return node;
    }
    node = parent;
  }
}

// Where the first line of the node ends: a signature when nothing says more.
uint32_t FirstLineEnd(TSNode node, uint32_t from, std::string_view text) {
  const size_t end = text.find('\n', from);
  return static_cast<uint32_t>(std::min<size_t>(end, ts_node_end_byte(node)));
}

}  // namespace

OutlineQuery::OutlineQuery(const Grammar& grammar) {
  uint32_t offset = 0;
  TSQueryError error = TSQueryErrorNone;
  query_.reset(ts_query_new(grammar.language(), grammar.query.data(),
                            static_cast<uint32_t>(grammar.query.size()), &offset, &error));
  if (query_ == nullptr) {
    const auto line = std::count(grammar.query.begin(), grammar.query.begin() + offset, '\n') + 1;
    status_ = Corrupt(StrCat("its query, line ", line, ": error ", static_cast<int>(error)));
    return;
  }
  status_ = ReadCaptures();
  if (status_.ok()) status_ = ReadPredicates();
}

Status OutlineQuery::ReadCaptures() {
  constexpr std::pair<std::string_view, DefinitionRole> kRoles[] = {
      {"heading", DefinitionRole::kContainer},   {"definition", DefinitionRole::kWhole},
      {"container", DefinitionRole::kContainer}, {"extension", DefinitionRole::kExtension},
      {"member", DefinitionRole::kMember},
  };
  for (uint32_t id = 0; id < ts_query_capture_count(query_.get()); ++id) {
    uint32_t length = 0;
    const char* chars = ts_query_capture_name_for_id(query_.get(), id, &length);
    const std::string_view name(chars, length);
    Capture capture;
    const size_t dot = name.find('.');
    const auto* const role = std::find_if(std::begin(kRoles), std::end(kRoles), [&](auto& known) {
      return dot != std::string_view::npos && known.first == name.substr(0, dot);
    });
    if (role != std::end(kRoles)) {
      capture = {Role::kDefinition, role->second, role->first == "heading",
                 std::string(name.substr(dot + 1))};
    } else if (name == "name") {
      capture.role = Role::kName;
    } else if (name == "scope") {
      capture.role = Role::kScope;
    } else if (name == "body") {
      capture.role = Role::kBody;
    } else if (name == "attached") {
      capture.role = Role::kAttached;
    } else if (!name.starts_with('_')) {
      return Corrupt(StrCat("its query: unknown capture @", name));
    }
    captures_.push_back(std::move(capture));
  }
  return OkStatus();
}

Status OutlineQuery::ReadPredicates() {
  const auto value = [&](uint32_t id) {
    uint32_t length = 0;
    const char* chars = ts_query_string_value_for_id(query_.get(), id, &length);
    return std::string_view(chars, length);
  };
  predicates_.resize(ts_query_pattern_count(query_.get()));
  for (uint32_t pattern = 0; pattern < predicates_.size(); ++pattern) {
    uint32_t count = 0;
    const TSQueryPredicateStep* steps =
        ts_query_predicates_for_pattern(query_.get(), pattern, &count);
    for (uint32_t i = 0; i < count; ++i) {
      Predicate predicate{};
      const std::string_view name = value(steps[i].value_id);
      if (name == "any-of?") {
        predicate.test = Predicate::Test::kAnyOf;
      } else if (name == "not-any-of?") {
        predicate.test = Predicate::Test::kNotAnyOf;
      } else if (name == "not-in?") {
        predicate.test = Predicate::Test::kNotIn;
      } else {
        return Corrupt(StrCat("its query: unknown predicate #", name));
      }
      if (++i == count || steps[i].type != TSQueryPredicateStepTypeCapture) {
        return Corrupt(StrCat("its query: #", name, " needs a capture"));
      }
      predicate.capture = steps[i].value_id;
      while (++i < count && steps[i].type == TSQueryPredicateStepTypeString) {
        predicate.values.push_back(value(steps[i].value_id));
      }
      predicates_[pattern].push_back(std::move(predicate));
    }
  }
  return OkStatus();
}

bool OutlineQuery::Holds(const TSQueryMatch& match, std::string_view text) const {
  const std::span<const TSQueryCapture> found(match.captures, match.capture_count);
  for (const Predicate& predicate : predicates_[match.pattern_index]) {
    for (const TSQueryCapture& capture : found) {
      if (capture.index != predicate.capture) continue;
      std::string_view value = TextOf(capture.node, text);
      if (predicate.test == Predicate::Test::kNotIn) {
        const TSNode parent = ts_node_parent(capture.node);
        value = ts_node_is_null(parent) ? "" : ts_node_type(parent);
      }
      const bool wanted = predicate.test == Predicate::Test::kAnyOf;
      if (Contains(predicate.values, value) != wanted) return false;
    }
  }
  return true;
}

// What one match says.
std::optional<OutlineQuery::Found> OutlineQuery::Read(
    const TSQueryMatch& match, std::string_view text,
    std::vector<Outline::Attached>& attached) const {
  Found found;
  found.pattern = match.pattern_index;
  Definition& definition = found.result.definition;
  TSNode node{};
  TSNode body{};
  bool named = false;
  for (const TSQueryCapture& capture : std::span(match.captures, match.capture_count)) {
    const Capture& what = captures_[capture.index];
    switch (what.role) {
      case Role::kDefinition:
        node = capture.node;
        definition.role = what.definition;
        definition.kind = what.kind;
        found.heading = what.heading;
        break;
      case Role::kName:
        named = true;
        found.result.name = TextOf(capture.node, text);
        definition.name_start = ts_node_start_byte(capture.node);
        break;
      case Role::kScope:
        found.result.scope = TextOf(capture.node, text);
        break;
      case Role::kBody:
        body = capture.node;
        break;
      case Role::kAttached:
        attached.push_back({ts_node_start_byte(capture.node), ts_node_end_byte(capture.node)});
        break;
      case Role::kNone:
        break;
    }
  }
  if (ts_node_is_null(node) || !named) return std::nullopt;
  if (ts_node_is_null(body)) body = ts_node_child_by_field_name(node, "body", 4);
  node = WithTemplate(node);
  definition.start = ts_node_start_byte(node);
  definition.end = ts_node_end_byte(node);
  definition.signature_end = ts_node_is_null(body) ? FirstLineEnd(node, definition.name_start, text)
                                                   : ts_node_start_byte(body);
  if (found.heading) {
    const TSNode parent = ts_node_parent(node);
    found.parent = parent.id;
    if (!ts_node_is_null(parent)) definition.end = ts_node_end_byte(parent);
  }
  return found;
}

// Each heading reaches to the next one of the same parent. `all` is ascending.
void OutlineQuery::EndHeadings(std::vector<Found>& all) {
  std::map<const void*, uint32_t> next;
  for (auto found = all.rbegin(); found != all.rend(); ++found) {
    if (!found->heading) continue;
    Definition& definition = found->result.definition;
    const auto [at, is_last] = next.emplace(found->parent, definition.start);
    if (!is_last) definition.end = std::exchange(at->second, definition.start);
  }
}

std::vector<FoundDefinition> OutlineQuery::Run(TSQueryCursor* cursor, TSNode root,
                                               std::string_view text,
                                               std::vector<Outline::Attached>& attached) const {
  std::vector<Found> all;
  ts_query_cursor_set_match_limit(cursor, kMatchesUnderWay);
  ts_query_cursor_exec(cursor, query_.get(), root);
  for (TSQueryMatch match; ts_query_cursor_next_match(cursor, &match);) {
    if (!Holds(match, text)) continue;
    if (auto found = Read(match, text, attached)) all.push_back(*std::move(found));
  }
  std::sort(attached.begin(), attached.end(),
            [](const auto& a, const auto& b) { return a.start < b.start; });
  const auto name = [](const Found& found) { return found.result.definition.name_start; };
  std::sort(all.begin(), all.end(), [&](const Found& a, const Found& b) {
    return std::pair(name(a), a.pattern) < std::pair(name(b), b.pattern);
  });
  const auto same_name = [&](const Found& a, const Found& b) { return name(a) == name(b); };
  all.erase(std::unique(all.begin(), all.end(), same_name), all.end());
  EndHeadings(all);
  std::vector<FoundDefinition> results;
  results.reserve(all.size());
  for (Found& found : all) results.push_back(std::move(found.result));
  return results;
}

}  // namespace coderank
