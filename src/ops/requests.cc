#include "ops/requests.h"

#include <algorithm>
#include <string>
#include <vector>

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

// Languages are named in lower case; "Python" means python.
std::vector<std::string> InLowerCase(std::vector<std::string> names) {
  for (std::string& name : names) {
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  }
  return names;
}

SearchContent ContentOf(std::string_view name) {
  if (name == "code") return SearchContent::kCode;
  return name == "docs" ? SearchContent::kDocs : SearchContent::kAll;
}

}  // namespace

SearchMode ModeOf(std::string_view name) {
  if (name == "semantic") return SearchMode::kSemantic;
  return name == "lexical" ? SearchMode::kLexical : SearchMode::kHybrid;
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

SearchRequest SearchRequestFrom(const Operation& operation, const Arguments& arguments) {
  const Given given(operation, arguments);
  const SearchRequest defaults;
  SearchRequest request{.query = given.Text("query"),
                        .limit = given.Count("limit", defaults.limit),
                        .offset = given.Count("offset", defaults.offset),
                        .wait_for_vectors = given.Flag("wait"),
                        .paths = given.List("path"),
                        .excludes = given.List("exclude"),
                        .languages = InLowerCase(given.List("lang")),
                        .content = ContentOf(given.Text("content")),
                        .mode = ModeOf(given.Text("mode")),
                        .explain = given.Flag("explain")};
  if (const std::string directory = given.Text("directory"); !directory.empty()) {
    request.directory = directory;
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
