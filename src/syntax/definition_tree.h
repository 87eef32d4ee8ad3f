// DefinitionTree: the definitions of an outline as a tree over the lines of the text.
//
// Lines are counted without the blank ones. A definition takes whole lines, its doc comments and
// decorators included; what shares a line with an earlier sibling leaves that line to it. Adjacent
// siblings of one name, as the equations of a Haskell function, are one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "source/measured_line.h"
#include "syntax/outline.h"

namespace coderank {

// The lines of a text that are not blank. Immutable.
class TextLines {
 public:
  explicit TextLines(std::string_view text);

  std::string_view text() const { return text_; }
  size_t size() const { return lines_.size(); }
  const MeasuredLine& operator[](size_t line) const { return lines_[line]; }
  // Non-blank characters of the lines [first, last).
  uint64_t Characters(size_t first, size_t last) const { return sums_[last] - sums_[first]; }
  // The line that holds the byte, or the nearest above; 0 when there is none.
  size_t LineAt(size_t byte) const;
  // No blank line between this one and the one above.
  bool Adjoins(size_t line) const { return line > 0 && !lines_[line].after_blank; }

 private:
  std::string_view text_;
  std::vector<MeasuredLine> lines_;
  std::vector<uint64_t> sums_;
};

class DefinitionTree {
 public:
  static constexpr size_t kRoot = 0;
  // Deeper definitions keep their names but are no nodes: the text is cut recursively.
  static constexpr size_t kMaximumDepth = 64;

  struct Node {
    const Definition* definition = nullptr;  // null for the root, which is the whole text
    size_t parent = kRoot;
    size_t first = 0;  // lines [first, last); empty when it has none of its own
    size_t last = 0;
    std::vector<size_t> children;  // those with lines, ascending and disjoint
  };

  // Borrows both. Definitions whose places are not in the text are left out.
  DefinitionTree(const TextLines& lines, const Outline& outline);

  const Node& operator[](size_t node) const { return nodes_[node]; }
  size_t size() const { return nodes_.size(); }
  // Whether a comment or decorator ends here that belongs to what follows on the next line.
  bool AttachmentEndsAt(size_t line) const { return attachment_start_[line] != kNone; }

 private:
  static constexpr size_t kNone = static_cast<size_t>(-1);

  void NoteAttachments(const std::vector<Outline::Attached>& attached);
  size_t WithAttachments(size_t line) const;
  void Add(const Definition& definition, size_t parent);

  const TextLines& lines_;
  std::vector<size_t> attachment_start_;  // by the line it ends in
  // By the same: a documentation comment, after which a blank line is a matter of style.
  std::vector<bool> loose_;
  std::vector<Node> nodes_;
};

}  // namespace coderank
