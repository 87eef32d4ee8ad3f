#include "ops/requests.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/ascii.h"
#include "base/strings.h"

namespace coderank::ops {
namespace {

// Arguments that an operation may lack.
class Given {
 public:
  Given(const Operation& operation, const Arguments& arguments)
      : operation_(operation), arguments_(arguments) {}

  bool Has(std::string_view name) const {
    return operation_.Find(name) != nullptr && arguments_.Has(name);
  }
  bool Flag(std::string_view name) const { return Has(name) && arguments_.Flag(name); }
  std::vector<std::string> List(std::string_view name) const {
    return Has(name) ? arguments_.List(name) : std::vector<std::string>();
  }
  // The default where none is given.
  std::vector<std::string> Values(std::string_view name) const {
    return operation_.Find(name) == nullptr ? std::vector<std::string>() : arguments_.List(name);
  }
  std::string Text(std::string_view name) const {
    return operation_.Find(name) == nullptr ? "" : arguments_.Text(name);
  }
  uint32_t Count(std::string_view name, uint32_t otherwise) const {
    if (operation_.Find(name) == nullptr) return otherwise;
    return static_cast<uint32_t>(arguments_.Integer(name));
  }

 private:
  const Operation& operation_;
  const Arguments& arguments_;
};

// The number that `text` ends with, taken off its end together with the character before it, when
// that is `separator`.
std::optional<uint64_t> TakeNumber(std::string_view& text, char separator) {
  size_t start = text.size();
  while (start > 0 && IsAsciiDigit(text[start - 1])) --start;
  std::string_view digits = text.substr(start);
  if (digits.empty() || start == 0 || text[start - 1] != separator) return {};
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  if (digits.size() > 9) return {};
  text = text.substr(0, start - 1);
  uint64_t number = 0;
  for (const char c : digits) number = 10 * number + static_cast<uint64_t>(c - '0');
  return number;
}

}  // namespace

RerankTask TaskOf(std::string_view name) {
  return name == "issue" ? RerankTask::kIssue : RerankTask::kDescription;
}

SearchMode ModeOf(std::string_view name) {
  if (name == "semantic") return SearchMode::kSemantic;
  return name == "lexical" ? SearchMode::kLexical : SearchMode::kHybrid;
}

SearchContent ContentOf(std::string_view name) {
  if (name == "code") return SearchContent::kCode;
  return name == "docs" ? SearchContent::kDocs : SearchContent::kAll;
}

std::string_view NameOf(SearchMode mode) {
  switch (mode) {
    case SearchMode::kSemantic:
      return "semantic";
    case SearchMode::kLexical:
      return "lexical";
    case SearchMode::kHybrid:
      break;
  }
  return "hybrid";
}

RerankOptions RerankOptionsFrom(const Operation& operation, const Arguments& arguments) {
  const Given given(operation, arguments);
  RerankOptions options{.model = given.Text("rerank-model"),
                        .depth = {},
                        .weight = {},
                        .task = TaskOf(given.Text("rerank-task")),
                        .budget_ms = {}};
  if (given.Has("rerank-depth")) options.depth = given.Count("rerank-depth", 0);
  if (given.Has("rerank-weight")) options.weight = given.Count("rerank-weight", 0);
  if (given.Text("rerank") == "cross-encoder") options.method = RerankMethod::kCrossEncoder;
  if (given.Text("rerank") == "listwise") options.method = RerankMethod::kListwise;
  if (given.Has("budget")) options.budget_ms = ParseDuration(given.Text("budget"));
  return options;
}

SearchRequest SearchRequestFrom(const Operation& operation, const Arguments& arguments) {
  const Given given(operation, arguments);
  const SearchRequest defaults;
  SearchRequest request{.query = given.Text("query"),
                        .snapshot = {},
                        .limit = given.Count("limit", defaults.limit),
                        .offset = given.Count("offset", defaults.offset),
                        .wait_for_vectors = given.Flag("wait"),
                        .look_for_changes = !given.Flag("no-refresh"),
                        .paths = given.List("path"),
                        .excludes = given.List("exclude"),
                        .languages = given.List("lang"),
                        .content = ContentOf(given.Text("content")),
                        .mode = ModeOf(given.Text("mode")),
                        .exact = given.Flag("exact"),
                        .agreed = given.Flag("yes"),
                        .explain = given.Flag("explain"),
                        .context_lines = given.Count("context", 0),
                        .max_tokens = given.Count("max-tokens", 0),
                        .rerank = RerankOptionsFrom(operation, arguments)};
  const std::vector<std::string> directories = given.Values("directory");
  if (!directories.empty()) request.directory = directories.front();
  if (given.Has("snapshot")) request.snapshot = given.Text("snapshot");
  for (size_t i = 1; i < directories.size(); ++i) {
    request.more_directories.emplace_back(directories[i]);
  }
  return request;
}

Result<RelatedRequest> RelatedRequestFrom(const Operation& operation, const Arguments& arguments) {
  const std::string& place = arguments.Text("place");
  std::string_view path = place;
  const bool is_range = [&path] {
    std::string_view without_end = path;
    return TakeNumber(without_end, '-') && TakeNumber(without_end, ':');
  }();
  if (is_range) (void)TakeNumber(path, '-');
  const auto line = TakeNumber(path, ':');
  if (!line || *line == 0 || path.empty()) {
    return InvalidArgument(
        StrCat("place: expected path:line, like src/main.cc:42; found \"", place, "\""));
  }
  return RelatedRequest{.file = std::string(path),
                        .line = static_cast<uint32_t>(*line),
                        .search = SearchRequestFrom(operation, arguments)};
}

const Operation& CollectionSearchOperation() {
  static const Operation operation = [] {
    Operation made{.name = "search-collection",
                   .summary = "Find the points of Qdrant collections that a sentence describes",
                   .details = {},
                   .parameters = {}};
    const Operation& row = *FindOperation("search");
    for (const char* name : {"query", "collection", "limit", "where", "exact", "text-key", "rerank",
                             "rerank-model", "rerank-depth", "rerank-weight", "max-tokens"}) {
      Parameter& parameter = made.parameters.emplace_back(*row.Find(name));
      parameter.local = false;
      if (parameter.name == "rerank") parameter.choices = parameter.choices.first(2);
    }
    made.parameters[1].help = "collections to search, ranked together; none: an error names all";
    return made;
  }();
  return operation;
}

Result<CollectionSearchRequest> CollectionSearchRequestFrom(const Operation& operation,
                                                            const Arguments& arguments) {
  const Given given(operation, arguments);
  const CollectionSearchRequest defaults;
  const std::string rerank = given.Text("rerank");
  CollectionSearchRequest request{.query = given.Text("query"),
                                  .names = given.List("collection"),
                                  .text_key = given.Text("text-key"),
                                  .limit = given.Count("limit", defaults.limit),
                                  .exact = given.Flag("exact"),
                                  .filters = {},
                                  .max_tokens = given.Count("max-tokens", 0),
                                  .judge = rerank == "cross-encoder",
                                  .judge_model = given.Text("rerank-model")};
  if (rerank == "listwise") {
    return InvalidArgument("rerank: listwise does not go with collections, cross-encoder does");
  }
  if (given.Has("rerank-depth")) request.judge_depth = given.Count("rerank-depth", 0);
  if (given.Has("rerank-weight")) request.judge_weight = given.Count("rerank-weight", 0);
  for (const std::string& where : given.List("where")) {
    const size_t equals = where.find('=');
    if (equals == std::string::npos || equals == 0) {
      return InvalidArgument(StrCat("where: expected KEY=VALUE, found \"", where, "\""));
    }
    request.filters.push_back({.key = where.substr(0, equals), .value = where.substr(equals + 1)});
  }
  return request;
}

IndexRequest IndexRequestFrom(const Operation& operation, const Arguments& arguments) {
  const Given given(operation, arguments);
  IndexRequest request{.use_ignore_files = !given.Flag("no-ignore"),
                       .include_hidden = given.Flag("hidden"),
                       .include_secrets = given.Flag("include-secrets"),
                       .embedding_seconds = {}};
  if (const std::string directory = given.Text("directory"); !directory.empty()) {
    request.directory = directory;
  }
  if (given.Has("budget")) request.embedding_seconds = 60.0 * given.Count("budget", 0);
  if (given.Has("store")) {
    request.store = given.Text("store") == "qdrant" ? VectorStore::kQdrant : VectorStore::kEmbedded;
  }
  request.collection = given.Text("collection");
  request.agreed = given.Flag("yes");
  return request;
}

StatusRequest StatusRequestFrom(const Operation& operation, const Arguments& arguments) {
  const Given given(operation, arguments);
  StatusRequest request{.why = {}};
  if (const std::string directory = given.Text("directory"); !directory.empty()) {
    request.directory = directory;
  }
  if (given.Has("why")) request.why = given.Text("why");
  return request;
}

}  // namespace coderank::ops
