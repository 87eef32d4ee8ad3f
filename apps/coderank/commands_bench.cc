// bench pipeline: the times of a search's stages over a file of queries.
#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/elapsed.h"
#include "base/file.h"
#include "base/strings.h"
#include "base/try.h"
#include "commands.h"
#include "index_notes.h"
#include "ops/requests.h"
#include "pipeline_figures.h"
#include "text/utf8.h"

namespace coderank::cli {
namespace {

constexpr uint64_t kMaxQueryBytes = uint64_t{16} << 20;

Result<std::vector<std::string>> ReadQueries(const std::string& path) {
  CODERANK_ASSIGN(const std::string bytes, ReadFile(path, kMaxQueryBytes));
  const std::string text = ToValidUtf8(bytes);
  std::vector<std::string> queries;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    if (line.find_first_not_of(" \t\r") != std::string::npos) queries.push_back(line);
    begin = end + 1;
  }
  return queries;
}

class Pipeline {
 public:
  explicit Pipeline(const CommandContext& context) : context_(context) {
    const ops::Arguments& arguments = context.arguments;
    request_ = {.query = {},
                .directory = arguments.Text("directory"),
                .look_for_changes = true,
                .mode = ops::ModeOf(arguments.Text("mode")),
                .rerank = ops::RerankOptionsFrom(context.operation, arguments)};
    figures_.stages = {
        {"refresh", {}}, {"load model", {}}, {"embed", {}}, {"search", {}}, {"rerank", {}}};
    figures_.total.name = "total";
    figures_.rounds = static_cast<size_t>(arguments.Integer("rounds"));
    figures_.goal_ms = ops::ParseDuration(arguments.Text("goal")).value_or(0);
  }

  Result<PipelineFigures> Measure(const std::vector<std::string>& queries) {
    figures_.queries = queries.size();
    for (size_t round = 0; round <= figures_.rounds; ++round) {
      for (const std::string& query : queries) {
        request_.query = query;
        CODERANK_ASSIGN(const SearchReport report,
                        context_.engine.Search(request_, {}, &context_.cancel));
        if (round > 0) Add(report.timings);
      }
    }
    if (context_.arguments.Has("against")) CODERANK_TRY(MeasureAgainst(queries));
    return std::move(figures_);
  }

 private:
  void Add(const SearchTimings& t) {
    const double values[] = {t.index, t.load_model, t.embed, t.search, t.rerank};
    for (size_t i = 0; i < figures_.stages.size(); ++i) {
      figures_.stages[i].milliseconds.push_back(values[i]);
    }
    figures_.total.milliseconds.push_back(t.total);
  }

  // One round after one query to warm up: it may take minutes.
  Status MeasureAgainst(const std::vector<std::string>& queries) {
    using Clock = std::chrono::steady_clock;
    figures_.against = context_.arguments.Text("against");
    figures_.previous.name = "embed";
    CODERANK_ASSIGN(const auto model, context_.engine.OpenModel(figures_.against));
    const auto embed = [&](const std::string& query) -> Status {
      if (context_.cancel.IsCancelled()) return Cancelled("the measurement was given up");
      const std::string_view text = query;
      const auto embedded = model->Embed({&text, 1}, {.query = true});
      return embedded ? OkStatus() : embedded.error();
    };
    CODERANK_TRY(embed(queries.front()));
    for (const std::string& query : queries) {
      const auto start = Clock::now();
      CODERANK_TRY(embed(query));
      figures_.previous.milliseconds.push_back(MillisecondsSince(start));
    }
    return OkStatus();
  }

  const CommandContext& context_;
  SearchRequest request_;
  PipelineFigures figures_;
};

}  // namespace

Result<int> RunBenchPipeline(const CommandContext& context) {
  const ops::Arguments& arguments = context.arguments;
  CODERANK_ASSIGN(const auto queries, ReadQueries(arguments.Text("queries")));
  if (queries.empty()) {
    context.console.Note(StrCat(arguments.Text("queries"), ": no query in it"));
    return kExitNothingFound;
  }
  CODERANK_ASSIGN(const PipelineFigures figures, Pipeline(context).Measure(queries));
  const Json json = PipelineJson(figures);
  if (arguments.Has("out")) {
    CODERANK_TRY(WriteFileAtomically(arguments.Text("out"), json.dump(1) + "\n"));
  }
  if (arguments.Has("svg")) {
    CODERANK_TRY(WriteFileAtomically(arguments.Text("svg"), PipelineSvg(figures)));
  }
  if (arguments.Flag("json")) {
    PrintJson(json);
  } else {
    Print(PipelineTable(figures));
  }
  return kExitFound;
}

}  // namespace coderank::cli
