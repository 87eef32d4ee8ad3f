// The lexical index as a process that bench/lexical/run measures beside its peers.
//
//   lexical_worker build DOCUMENTS SEGMENT   makes a segment, prints what it took
//   lexical_worker tokens DOCUMENTS          prints every document's tokens, a line each
//   lexical_worker serve SEGMENT             answers requests, one JSON object a line each way:
//     {"terms_of": text, "stop_words": bool}   ->  {"terms": [...]}
//     {"query": text, "count": n}              ->  {"seconds": s, "hits": [[document, score], ...]}
//
// DOCUMENTS holds one JSON object a line: id, path, definitions, scope, body.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/elapsed.h"
#include "base/strings.h"
#include "base/try.h"
#include "coderank/version.h"
#include "lexical/lexical_index.h"
#include "lexical/segment_writer.h"
#include "lexical/stop_words.h"
#include "text/identifiers.h"

namespace coderank::bench {
namespace {

using Json = nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr const char* kIndexId = "bench";

// Calls visit(document) for every line.
template <typename Visit>
Status ForEachDocument(const char* path, Visit visit) {
  std::ifstream file(path);
  if (!file) return NotFound(StrCat(path, ": cannot be read"));
  for (std::string line; std::getline(file, line);) {
    const Json json = Json::parse(line);
    const auto text = [&json](const char* key) { return json.value(key, std::string()); };
    const std::string document_path = text("path");
    const std::string definitions = text("definitions");
    const std::string scope = text("scope");
    const std::string body = text("body");
    CODERANK_TRY(visit(LexicalDocument{.chunk_id = json.at("id"),
                                       .text_id = json.at("id"),
                                       .path = document_path,
                                       .language = "",
                                       .definitions = definitions,
                                       .scope = scope,
                                       .body = body}));
  }
  return OkStatus();
}

Status Build(const char* documents, const std::filesystem::path& segment) {
  const auto start = Clock::now();
  double adding = 0;  // without reading and parsing the documents
  uint64_t count = 0;
  LexicalSegmentWriter writer(segment.parent_path());
  CODERANK_TRY(ForEachDocument(documents, [&](const LexicalDocument& document) {
    const auto before = Clock::now();
    const Status added = writer.Add(document);
    adding += SecondsSince(before);
    ++count;
    return added;
  }));
  const auto before = Clock::now();
  CODERANK_TRY(writer.Write(segment, {.index_id = kIndexId, .generation = 1}));
  const double writing = SecondsSince(before);
  struct rusage usage {};
  ::getrusage(RUSAGE_SELF, &usage);
  std::cout << Json{{"documents", count},
                    {"seconds", adding + writing},
                    {"adding_seconds", adding},
                    {"writing_seconds", writing},
                    {"with_parsing_seconds", SecondsSince(start)},
                    {"bytes", std::filesystem::file_size(segment)},
                    {"peak_rss_kb", usage.ru_maxrss}}
            << std::endl;
  return OkStatus();
}

Status PrintTokens(const char* documents) {
  return ForEachDocument(documents, [](const LexicalDocument& document) {
    std::string line;
    VisitTokens(document, [&line](LexicalField, std::string_view token, bool) {
      line += token;
      line += ' ';
    });
    std::cout << line << '\n';
    return OkStatus();
  });
}

// The words of a question, each once: what the peers are asked for. Ours looks up more.
Json TermsOf(const std::string& text, bool stop_words) {
  std::vector<std::string> terms;
  Tokenize(text, [&](TokenKind, std::string_view token) {
    const bool known = std::find(terms.begin(), terms.end(), token) != terms.end();
    if (!known && (stop_words || !IsStopWord(token))) terms.emplace_back(token);
  });
  return Json{{"terms", terms}};
}

Result<Json> Answer(const LexicalIndex& index, const Json& request) {
  if (request.contains("terms_of")) {
    return TermsOf(request.at("terms_of"), request.value("stop_words", false));
  }
  const std::string text = request.at("query");
  const size_t count = request.at("count");
  const auto start = Clock::now();
  CODERANK_ASSIGN(const auto hits, index.Search(MakeLexicalQuery(text), count, index.present()));
  Json answer{{"seconds", SecondsSince(start)}, {"hits", Json::array()}};
  for (const LexicalHit& hit : hits) answer["hits"].push_back({hit.chunk_id, hit.score});
  return answer;
}

Status Serve(const char* path) {
  const auto start = Clock::now();
  CODERANK_ASSIGN(LexicalSegment segment, LexicalSegment::Open(path, kIndexId));
  CODERANK_ASSIGN(const LexicalIndex index, LexicalIndex::Create(std::move(segment)));
  const double seconds = SecondsSince(start);
  std::cout << Json{{"version", StrCat("coderank ", Version())}, {"open_seconds", seconds}}
            << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    CODERANK_ASSIGN(const Json answer, Answer(index, Json::parse(line)));
    std::cout << answer << std::endl;
  }
  return OkStatus();
}

Status Run(int argc, char** argv) {
  const std::string command = argc > 2 ? argv[1] : "";
  if (command == "build" && argc == 4) return Build(argv[2], argv[3]);
  if (command == "tokens" && argc == 3) return PrintTokens(argv[2]);
  if (command == "serve" && argc == 3) return Serve(argv[2]);
  return InvalidArgument(
      "usage: lexical_worker build DOCUMENTS SEGMENT | tokens DOCUMENTS | serve SEGMENT");
}

}  // namespace
}  // namespace coderank::bench

int main(int argc, char** argv) {
  const coderank::Status status = coderank::bench::Run(argc, argv);
  if (!status.ok()) std::cerr << status.message() << '\n';
  return status.ok() ? 0 : 2;
}
