// rerank: documents on standard input, judged and printed best first.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/strings.h"
#include "base/try.h"
#include "commands.h"
#include "line_reader.h"
#include "print_json.h"
#include "text/utf8.h"

namespace coderank::cli {
namespace {

// All documents are in memory, as the last may be the best.
constexpr size_t kMaxDocuments = 100'000;
constexpr uint64_t kMaxFileBytes = uint64_t{64} << 20;
constexpr size_t kMaxBytes = size_t{1} << 30;

struct Document {
  std::string path;  // empty: a line of JSON
  std::string text;
};

Result<Document> ReadDocument(const std::string& line, uint64_t number, bool is_file) {
  Document document;
  if (is_file) {
    document.path = line;
    CODERANK_ASSIGN(const std::string bytes, ReadFile(line, kMaxFileBytes));
    document.text = ToValidUtf8(bytes);
  } else {
    CODERANK_ASSIGN(document.text, TextOfLine(line, number));
  }
  return document;
}

Result<std::vector<Document>> ReadDocuments(bool files) {
  std::vector<Document> documents;
  LineReader reader;
  size_t bytes = 0;
  for (uint64_t number = 1;; ++number) {
    const auto line = reader.Next();
    if (!line) return line.error().WithContext(StrCat("standard input, line ", number));
    if (!*line) return documents;
    if ((*line)->find_first_not_of(" \t\r") == std::string::npos) continue;
    CODERANK_ASSIGN(Document document, ReadDocument(**line, number, files));
    bytes += document.text.size();
    if (documents.size() == kMaxDocuments || bytes > kMaxBytes) {
      return ResourceExhausted(StrCat("standard input, line ", number, ": expected at most ",
                                      kMaxDocuments, " documents of ", kMaxBytes,
                                      " bytes together"));
    }
    documents.push_back(std::move(document));
  }
}

Json ToJson(const Document& document, const RerankScore& score, size_t index) {
  Json json = {{"index", index}};
  if (!document.path.empty()) json["path"] = document.path;
  json["score"] = score.score;
  json["tokens"] = score.tokens;
  if (score.truncated) json["truncated"] = true;
  return json;
}

void PrintLine(const Document& document, const RerankScore& score, size_t index) {
  const std::string name =
      document.path.empty() ? std::to_string(index) : EscapeForTerminal(document.path);
  std::printf("%10.4f  %s\n", static_cast<double>(score.score), name.c_str());
}

}  // namespace

Result<int> RunRerank(const CommandContext& context) {
  const ops::Arguments& arguments = context.arguments;
  // There is nothing to finish, and waiting for input must not outlive the interrupt.
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  CODERANK_ASSIGN(const auto model, context.engine.OpenReranker(arguments.Text("rerank-model")));
  CODERANK_ASSIGN(const auto documents, ReadDocuments(arguments.Flag("files")));
  std::vector<std::string_view> texts;
  for (const Document& document : documents) texts.emplace_back(document.text);
  CODERANK_ASSIGN(const auto scores, model->Score(arguments.Text("query"), texts));
  std::vector<size_t> order = BestFirst(scores);
  if (arguments.Has("limit")) {
    order.resize(std::min(order.size(), static_cast<size_t>(arguments.Integer("limit"))));
  }
  if (arguments.Flag("json")) {
    Json results = Json::array();
    for (const size_t i : order) results.push_back(ToJson(documents[i], scores[i], i));
    PrintJson({{"query", arguments.Text("query")},
               {"model", model->summary().name},
               {"results", std::move(results)}});
  } else {
    for (const size_t i : order) PrintLine(documents[i], scores[i], i);
  }
  return documents.empty() ? kExitNothingFound : kExitFound;
}

}  // namespace coderank::cli
