// What bench/search/run measures: one engine that stays, as in a server, asked over pipes.
//
//   search_worker TREE        one JSON object a line each way:
//   {"query": ..., "mode": "hybrid", "look": false}
//       ->  {"total": ms, "index": ms, "embed": ms, "search": ms, "results": n}
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "base/try.h"
#include "coderank/engine.h"
#include "ops/requests.h"

namespace coderank::bench {
namespace {

using Json = nlohmann::json;

Result<Json> Answer(Engine& engine, const char* tree, const Json& question) {
  CODERANK_ASSIGN(const SearchReport report,
                  engine.Search({.query = question.at("query").get<std::string>(),
                                 .directory = tree,
                                 .look_for_changes = question.at("look").get<bool>(),
                                 .mode = ops::ModeOf(question.at("mode").get<std::string>())}));
  const SearchTimings& t = report.timings;
  return Json{{"total", t.total},
              {"index", t.index},
              {"embed", t.embed},
              {"search", t.search},
              {"chunks", report.coverage.chunks},
              {"embedded_chunks", report.coverage.embedded_chunks},
              {"results", report.results.size()}};
}

Status Serve(const char* tree) {
  // As the program does: without a parser the index would be made anew, cut by lines.
  EngineOptions options;
  options.syntax_worker = OwnSyntaxWorker();
  CODERANK_ASSIGN(Engine engine, Engine::Open(options));
  for (std::string line; std::getline(std::cin, line);) {
    CODERANK_ASSIGN(const Json answer, Answer(engine, tree, Json::parse(line)));
    std::cout << answer << std::endl;
  }
  return OkStatus();
}

}  // namespace
}  // namespace coderank::bench

int main(int argc, char** argv) {
  if (coderank::IsOwnSyntaxWorker(argc, argv)) return coderank::ServeSyntaxWorker();
  if (argc != 2) {
    std::cerr << "usage: search_worker TREE\n";
    return 2;
  }
  const coderank::Status status = coderank::bench::Serve(argv[1]);
  if (!status.ok()) std::cerr << status.message() << '\n';
  return status.ok() ? 0 : 2;
}
