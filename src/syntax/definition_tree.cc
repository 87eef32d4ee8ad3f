#include "syntax/definition_tree.h"

#include <algorithm>

namespace coderank {
namespace {

bool IsSound(const Definition& definition, size_t text_bytes) {
  return definition.start <= definition.name_start && definition.name_start < definition.end &&
         definition.end <= text_bytes && definition.signature_end >= definition.start &&
         definition.signature_end <= definition.end;
}

bool OuterFirst(const Definition* a, const Definition* b) {
  return a->start != b->start ? a->start < b->start : a->end > b->end;
}

}  // namespace

TextLines::TextLines(std::string_view text) : text_(text), sums_{0} {
  LineReader reader(text);
  for (MeasuredLine line; reader.Next(line);) {
    lines_.push_back(line);
    sums_.push_back(sums_.back() + line.characters);
  }
}

size_t TextLines::LineAt(size_t byte) const {
  const auto after =
      std::upper_bound(lines_.begin(), lines_.end(), byte,
                       [](size_t wanted, const MeasuredLine& line) { return wanted < line.start; });
  return after == lines_.begin() ? 0 : static_cast<size_t>(after - lines_.begin()) - 1;
}

DefinitionTree::DefinitionTree(const TextLines& lines, const Outline& outline) : lines_(lines) {
  NoteAttachments(outline.attached);
  nodes_.push_back({.last = lines.size()});
  std::vector<const Definition*> sorted;
  for (const Definition& definition : outline.definitions) {
    if (IsSound(definition, lines.text().size())) sorted.push_back(&definition);
  }
  std::stable_sort(sorted.begin(), sorted.end(), OuterFirst);
  std::vector<size_t> open = {kRoot};  // what encloses the place reached, outermost first
  for (const Definition* definition : sorted) {
    const auto encloses = [&](size_t node) {
      const Definition& outer = *nodes_[node].definition;
      const bool same = outer.start == definition->start && outer.end == definition->end;
      return definition->start < outer.end && !same;
    };
    while (open.size() > 1 && !encloses(open.back())) open.pop_back();
    Add(*definition, open.back());
    if (open.size() < kMaximumDepth) open.push_back(nodes_.size() - 1);
  }
}

void DefinitionTree::NoteAttachments(const std::vector<Outline::Attached>& attached) {
  attachment_start_.assign(lines_.size(), kNone);
  loose_.assign(lines_.size(), false);
  for (const auto& [start, end] : attached) {
    if (start >= end || end > lines_.text().size()) continue;
    const size_t first = lines_.LineAt(start);
    const size_t last = lines_.LineAt(end - 1);
    if (first >= lines_.size()) continue;
    const std::string_view itself = lines_.text().substr(start, end - start);
    loose_[last] = itself.starts_with("/**") && !itself.starts_with("/***");
    const std::string_view before = lines_.text().substr(
        lines_[first].start, start - std::min<size_t>(start, lines_[first].start));
    // A comment behind code belongs to that code.
    if (before.find_first_not_of(" \t\r\f\v") != std::string_view::npos) continue;
    attachment_start_[last] = std::min(attachment_start_[last], first);
  }
}

// Where a definition that begins at `line` begins with what belongs to it above.
size_t DefinitionTree::WithAttachments(size_t line) const {
  while (line > 0 && AttachmentEndsAt(line - 1)) {
    const uint32_t rows = lines_[line].number - lines_[line - 1].number;
    if (rows > (loose_[line - 1] ? 2U : 1U)) break;
    line = attachment_start_[line - 1];
  }
  return line;
}

void DefinitionTree::Add(const Definition& definition, size_t parent) {
  Node node{.definition = &definition, .parent = parent};
  const auto& siblings = nodes_[parent].children;
  const size_t free_from = siblings.empty() ? nodes_[parent].first : nodes_[siblings.back()].last;
  node.first = std::max(WithAttachments(lines_.LineAt(definition.start)), free_from);
  node.last = std::min(lines_.LineAt(definition.end - 1) + 1, nodes_[parent].last);
  if (node.first >= node.last) {
    node.first = node.last = 0;
  } else if (!siblings.empty() && node.first == free_from && lines_.Adjoins(node.first) &&
             definition.role == DefinitionRole::kWhole) {
    const Definition& before = *nodes_[siblings.back()].definition;
    if (before.name == definition.name && before.scope == definition.scope) {
      nodes_[siblings.back()].last = node.last;
      node.first = node.last = 0;
    }
  }
  if (node.first < node.last) nodes_[parent].children.push_back(nodes_.size());
  nodes_.push_back(std::move(node));
}

}  // namespace coderank
