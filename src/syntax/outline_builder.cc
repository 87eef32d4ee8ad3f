#include "syntax/outline_builder.h"

#include <tree_sitter/api.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "syntax/outline_query.h"
#include "syntax/qualified_name.h"

namespace coderank {
namespace {

// The parser reports every hundred operations. Ordinary code takes under one operation a byte;
// this allows a hundred times that, some seconds for a file of a megabyte.
constexpr uint64_t kReportsPerByte = 1;
constexpr uint64_t kLeastReports = 100'000;
// Of the bytes of a text. Above it the tree says less about the text than its line breaks do.
constexpr uint64_t kMostErrorShare = 50;
constexpr uint8_t kDeepest = 255;

struct TreeDeleter {
  void operator()(TSTree* tree) const { ts_tree_delete(tree); }
};

struct Budget {
  uint64_t reports_left = 0;
};

bool Spend(TSParseState* state) {
  auto* budget = static_cast<Budget*>(state->payload);
  return budget->reports_left-- == 0;  // true: stop
}

const char* ReadText(void* payload, uint32_t byte, TSPoint, uint32_t* length) {
  const auto* text = static_cast<const std::string_view*>(payload);
  *length = byte < text->size() ? static_cast<uint32_t>(text->size()) - byte : 0;
  return byte < text->size() ? text->data() + byte : "";
}

// Rows of a node, the last one inclusive: one that ends at the start of a row does not reach it.
uint32_t LastRow(const TSNode& node) {
  const TSPoint end = ts_node_end_point(node);
  const uint32_t first = ts_node_start_point(node).row;
  return end.column == 0 && end.row > first ? end.row - 1 : end.row;
}

// Walks what spans more than one row, notes how deep each row break lies, and adds up errors.
class TreeWalk {
 public:
  TreeWalk(TSNode root, std::vector<uint8_t>& depths)
      : cursor_(ts_tree_cursor_new(root)), depths_(depths) {}
  ~TreeWalk() { ts_tree_cursor_delete(&cursor_); }
  TreeWalk(const TreeWalk&) = delete;
  TreeWalk& operator=(const TreeWalk&) = delete;

  uint64_t error_bytes() const { return error_bytes_; }

  void Run() {
    if (!ts_tree_cursor_goto_first_child(&cursor_)) return;
    uint32_t depth = 0;
    uint32_t row = LastRow(ts_tree_cursor_current_node(&cursor_));
    for (bool first = true;;) {
      const TSNode node = ts_tree_cursor_current_node(&cursor_);
      const uint32_t start_row = ts_node_start_point(node).row;
      if (!first && start_row > row && start_row < depths_.size()) {
        depths_[start_row] = static_cast<uint8_t>(std::min<uint32_t>(depth, kDeepest - 1));
      }
      const bool is_error = ts_node_is_error(node);
      const bool in_error = !open_errors_.empty() && open_errors_.back();
      const uint64_t bytes = ts_node_end_byte(node) - ts_node_start_byte(node);
      if (is_error && !in_error) error_bytes_ += bytes;
      // An error can span a whole file and yet hold functions that were understood.
      if (!is_error && in_error && ts_node_child_count(node) > 0) error_bytes_ -= bytes;
      if (LastRow(node) > start_row && ts_tree_cursor_goto_first_child(&cursor_)) {
        open_errors_.push_back(is_error);
        ++depth;
        row = start_row;
        first = true;
        continue;
      }
      first = false;
      row = LastRow(node);
      while (!ts_tree_cursor_goto_next_sibling(&cursor_)) {
        if (depth == 0) return;
        ts_tree_cursor_goto_parent(&cursor_);
        --depth;
        open_errors_.pop_back();
        row = LastRow(ts_tree_cursor_current_node(&cursor_));
      }
    }
  }

 private:
  TSTreeCursor cursor_;
  std::vector<uint8_t>& depths_;
  std::vector<bool> open_errors_;  // of the nodes around the place reached: which are errors
  uint64_t error_bytes_ = 0;
};

}  // namespace

struct OutlineBuilder::Parser {
  TSParser* parser = ts_parser_new();
  TSQueryCursor* cursor = ts_query_cursor_new();
  ~Parser() {
    ts_query_cursor_delete(cursor);
    ts_parser_delete(parser);
  }
};

OutlineBuilder::OutlineBuilder() : parser_(std::make_unique<Parser>()) {}
OutlineBuilder::~OutlineBuilder() = default;

Result<const OutlineQuery*> OutlineBuilder::QueryOf(const Grammar& grammar) {
  auto& query = queries_[&grammar];
  if (query == nullptr) {
    auto made = std::make_unique<OutlineQuery>(grammar);
    CODERANK_TRY(made->status());
    query = std::move(made);
  }
  return query.get();
}

Result<Outline> OutlineBuilder::Build(const Language& language, std::string_view text) {
  auto outline = BuildWith(language, language.grammar, text);
  if (outline || language.second.language == nullptr) return outline;
  return BuildWith(language, language.second, text);
}

Result<Outline> OutlineBuilder::BuildWith(const Language& language, const Grammar& grammar,
                                          std::string_view text) {
  CODERANK_ASSIGN(const OutlineQuery* query, QueryOf(grammar));
  if (!ts_parser_set_language(parser_->parser, grammar.language())) {
    return FailedPrecondition("its grammar does not fit this tree-sitter");
  }
  ts_parser_reset(parser_->parser);
  Budget budget{std::max<uint64_t>(kLeastReports, kReportsPerByte * text.size())};
  const TSInput input{
      .payload = &text, .read = ReadText, .encoding = TSInputEncodingUTF8, .decode = nullptr};
  const std::unique_ptr<TSTree, TreeDeleter> tree(ts_parser_parse_with_options(
      parser_->parser, nullptr, input, {.payload = &budget, .progress_callback = Spend}));
  if (tree == nullptr) return ResourceExhausted("parsing it takes too many steps");

  Outline outline;
  const auto rows = static_cast<size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  outline.depths.assign(rows, kDeepest);
  const TSNode root = ts_tree_root_node(tree.get());
  TreeWalk walk(root, outline.depths);
  walk.Run();
  if (walk.error_bytes() * 100 > uint64_t{text.size()} * kMostErrorShare) {
    return InvalidArgument("most of it is no valid syntax");
  }
  for (FoundDefinition& found : query->Run(parser_->cursor, root, text, outline.attached)) {
    QualifiedName name = SplitName(found.name, language);
    if (name.name.empty()) continue;
    const QualifiedName scope = SplitName(found.scope, language);
    std::string joined = scope.scope;
    for (const std::string_view part :
         {std::string_view(scope.name), std::string_view(name.scope)}) {
      if (!part.empty()) joined += StrCat(joined.empty() ? "" : ".", part);
    }
    found.definition.name = std::move(name.name);
    found.definition.scope = std::move(joined);
    outline.definitions.push_back(std::move(found.definition));
  }
  return outline;
}

}  // namespace coderank
