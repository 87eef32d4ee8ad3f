// eval, eval compare.
#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "commands.h"
#include "evaluation/compare.h"
#include "evaluation/evaluate.h"
#include "evaluation/run_json.h"
#include "evaluation/trec_run.h"
#include "ops/requests.h"
#include "print_json.h"

namespace coderank::cli {
namespace {

using evaluation::Comparison;
using evaluation::Dataset;
using evaluation::EvaluationRun;
using evaluation::GroupMean;
using evaluation::kMeasureCount;
using evaluation::kNdcg;
using evaluation::Layout;
using evaluation::Measures;
using evaluation::QueryRun;
using evaluation::RepositoryRun;
using evaluation::Summary;

constexpr int kNameColumns = 24;

void PrintCells(const std::string& name, const std::string& queries,
                const std::vector<std::string>& cells) {
  std::printf("%-*s %7s", kNameColumns, EscapeForTerminal(name).c_str(), queries.c_str());
  for (const std::string& cell : cells) std::printf(" %10s", cell.c_str());
  std::printf("\n");
}

std::string Fixed(double value, int digits) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

// "+0.0123": a difference.
std::string Signed(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%+.4f", value);
  return text.data();
}

void PrintHeader(const std::string& name, uint32_t cutoff) {
  std::vector<std::string> cells;
  for (size_t m = 0; m < kMeasureCount; ++m) cells.push_back(evaluation::MeasureName(m, cutoff));
  PrintCells(name, "queries", cells);
}

void PrintMean(const GroupMean& group) {
  std::vector<std::string> cells;
  for (const double value : group.mean) cells.push_back(Fixed(value, 4));
  PrintCells(group.name, std::to_string(group.queries), cells);
}

// Nothing for a single group: it would repeat the mean.
void PrintGroups(const std::string& name, const std::vector<GroupMean>& groups, uint32_t cutoff) {
  if (groups.size() < 2) return;
  std::printf("\n");
  PrintHeader(name, cutoff);
  for (const GroupMean& group : groups) PrintMean(group);
}

void PrintSummary(const EvaluationRun& run) {
  const Summary summary = evaluation::Summarise(run);
  PrintHeader("repository", run.cutoff);
  for (const GroupMean& group : summary.repositories) PrintMean(group);
  if (summary.repositories.size() > 1) {
    PrintMean(summary.over_repositories);
    PrintMean(summary.over_queries);
  }
  PrintGroups("category", summary.categories, run.cutoff);
  PrintGroups("language", summary.languages, run.cutoff);
  if (summary.p95_milliseconds > 0) {
    std::printf("\nsearch: p50 %s ms, p95 %s ms, without loading the model\n",
                Fixed(summary.p50_milliseconds, 1).c_str(),
                Fixed(summary.p95_milliseconds, 1).c_str());
  }
}

// "#1 #4": the positions with a gain.
std::string RanksOf(const QueryRun& query) {
  std::string ranks;
  for (const uint32_t rank : query.ranks) ranks += StrCat(ranks.empty() ? "#" : " #", rank);
  return ranks.empty() ? "none" : ranks;
}

void PrintQueries(const EvaluationRun& run) {
  std::printf("\n%s  targets  found at rank; query\n",
              evaluation::MeasureName(kNdcg, run.cutoff).c_str());
  for (const RepositoryRun& repository : run.repositories) {
    for (const QueryRun& query : repository.queries) {
      std::printf("%7.4f  %7llu  %-14s  %-20s %-14s %s\n", query.measures[kNdcg],
                  static_cast<unsigned long long>(query.targets), RanksOf(query).c_str(),
                  EscapeForTerminal(query.id).c_str(), EscapeForTerminal(query.category).c_str(),
                  EscapeForTerminal(query.text).c_str());
    }
  }
}

void NoteSkipped(Console& console, const EvaluationRun& run) {
  for (const RepositoryRun& repository : run.repositories) {
    if (run.layout != Layout::kDocumentCollection || repository.coverage.skipped_files == 0) {
      continue;
    }
    console.Note(StrCat(repository.coverage.skipped_files, " documents of ", repository.name,
                        " were not indexed (binary or too large) and count as not found"));
  }
}

// The results: of a run file, or of the engine.
Result<EvaluationRun> MakeRun(const CommandContext& context, const Dataset& dataset) {
  const ops::Arguments& arguments = context.arguments;
  const auto cutoff = static_cast<uint32_t>(arguments.Integer("limit"));
  if (arguments.Has("score")) {
    return evaluation::EvaluateTrecRun(dataset, arguments.Text("score"), cutoff);
  }
  return evaluation::Evaluate(
      dataset,
      {.engine = context.options,
       .search = {.query = {},
                  .limit = cutoff,
                  .content = ops::ContentOf(arguments.Text("content")),
                  .mode = ops::ModeOf(arguments.Text("mode")),
                  .agreed = arguments.Flag("yes"),
                  .rerank = ops::RerankOptionsFrom(context.operation, arguments)},
       .work_folder = arguments.Text("work")},
      [&context](const IndexProgress& progress) { context.console.Progress(progress); },
      &context.cancel);
}

Json ComparisonJson(const Comparison& comparison, bool per_query) {
  Json json = {{"k", comparison.cutoff}, {"queries", comparison.queries}};
  for (size_t m = 0; m < kMeasureCount; ++m) {
    const evaluation::MeasureComparison& row = comparison.measures[m];
    json["measures"][evaluation::MeasureName(m, comparison.cutoff)] = {
        {"a", row.a},
        {"b", row.b},
        {"difference", row.bootstrap.difference},
        {"low", row.bootstrap.low},
        {"high", row.bootstrap.high},
        {"p", row.bootstrap.p},
        {"better", row.better},
        {"worse", row.worse}};
  }
  for (const auto& repository : comparison.repositories) {
    json["by_repository"][repository.name] = {{"a", repository.a}, {"b", repository.b}};
  }
  if (!per_query) return json;
  json["changed"] = Json::array();
  for (const auto& query : comparison.changed) {
    json["changed"].push_back(
        {{"id", query.id}, {"query", query.text}, {"a", query.a}, {"b", query.b}});
  }
  return json;
}

void PrintComparison(const Comparison& comparison, bool per_query) {
  std::printf("%-14s %8s %8s %9s  %-19s %8s %7s %6s\n", "", "A", "B", "B - A", "95 % interval", "p",
              "better", "worse");
  for (size_t m = 0; m < kMeasureCount; ++m) {
    const evaluation::MeasureComparison& row = comparison.measures[m];
    std::printf("%-14s %8.4f %8.4f %9s  %-19s %8.4f %7llu %6llu\n",
                evaluation::MeasureName(m, comparison.cutoff).c_str(), row.a, row.b,
                Signed(row.bootstrap.difference).c_str(),
                StrCat(Signed(row.bootstrap.low), " ", Signed(row.bootstrap.high)).c_str(),
                row.bootstrap.p, static_cast<unsigned long long>(row.better),
                static_cast<unsigned long long>(row.worse));
  }
  const std::string ndcg = evaluation::MeasureName(kNdcg, comparison.cutoff);
  if (comparison.repositories.size() > 1) {
    std::printf("\n%s by repository\n", ndcg.c_str());
    for (const auto& repository : comparison.repositories) {
      std::printf("%-*s %8.4f %8.4f %9s\n", kNameColumns,
                  EscapeForTerminal(repository.name).c_str(), repository.a, repository.b,
                  Signed(repository.b - repository.a).c_str());
    }
  }
  if (!per_query || comparison.changed.empty()) return;
  std::printf("\n%s by query, where it differs\n", ndcg.c_str());
  for (const auto& query : comparison.changed) {
    std::printf("%8.4f %8.4f %9s  %-20s %s\n", query.a, query.b, Signed(query.b - query.a).c_str(),
                EscapeForTerminal(query.id).c_str(), EscapeForTerminal(query.text).c_str());
  }
}

}  // namespace

Result<int> RunEval(const CommandContext& context) {
  const ops::Arguments& arguments = context.arguments;
  CODERANK_ASSIGN(const Dataset dataset,
                  evaluation::ReadDataset(arguments.Text("dataset"),
                                          {.sources = arguments.Text("sources"),
                                           .repositories = arguments.List("repository"),
                                           .split = arguments.Text("split")}));
  CODERANK_ASSIGN(EvaluationRun run, MakeRun(context, dataset));
  context.console.EndProgress();
  NoteSkipped(context.console, run);
  if (!arguments.Has("score")) run.settings["mode"] = arguments.Text("mode");
  if (arguments.Has("out")) CODERANK_TRY(evaluation::WriteRun(run, arguments.Text("out")));
  if (arguments.Has("trec")) {
    CODERANK_TRY(evaluation::WriteTrecRun(run, "coderank", arguments.Text("trec")));
  }
  if (arguments.Flag("json")) {
    PrintJson(evaluation::ToJson(run, arguments.Flag("per-query")));
    return kExitFound;
  }
  PrintSummary(run);
  if (arguments.Flag("per-query")) PrintQueries(run);
  return kExitFound;
}

Result<int> RunEvalCompare(const CommandContext& context) {
  const std::vector<std::string>& files = context.arguments.List("runs");
  if (files.size() != 2) {
    return InvalidArgument(StrCat("A B: expected two files, found ", files.size()));
  }
  CODERANK_ASSIGN(const EvaluationRun a, evaluation::ReadRun(files[0]));
  CODERANK_ASSIGN(const EvaluationRun b, evaluation::ReadRun(files[1]));
  CODERANK_ASSIGN(const Comparison comparison, evaluation::Compare(a, b));
  const bool per_query = context.arguments.Flag("per-query");
  if (context.arguments.Flag("json")) {
    PrintJson(ComparisonJson(comparison, per_query));
  } else {
    PrintComparison(comparison, per_query);
  }
  return kExitFound;
}

}  // namespace coderank::cli
