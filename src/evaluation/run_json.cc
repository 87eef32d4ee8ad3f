#include "evaluation/run_json.h"

#include <cmath>

#include "base/file.h"
#include "base/strings.h"
#include "base/try.h"
#include "evaluation/json_input.h"

namespace coderank::evaluation {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kFormat = "coderank-eval-1";
constexpr std::array<std::string_view, 2> kLayouts = {"annotated_trees", "document_collection"};
constexpr uint64_t kMaxRunBytes = uint64_t{1} << 30;
constexpr unsigned kReadableByAll = 0644;
constexpr uint32_t kMostCutoff = 100'000;
// Names of the measures in JSON; k is the field "k".
constexpr std::array<std::string_view, kMeasureCount> kMeasureFields = {"ndcg", "mrr", "recall",
                                                                        "success_at_1", "success"};

// Microseconds are the clock's worth.
double Rounded(double value) { return std::round(value * 1000) / 1000; }

Json MeasuresJson(const Measures& measures) {
  Json json;
  for (size_t m = 0; m < kMeasureCount; ++m) json[kMeasureFields[m]] = measures[m];
  return json;
}

Json GroupsJson(const std::vector<GroupMean>& groups) {
  Json json = Json::object();
  for (const GroupMean& group : groups) {
    json[group.name] = MeasuresJson(group.mean);
    json[group.name]["queries"] = group.queries;
  }
  return json;
}

Json QueryJson(const QueryRun& query) {
  Json results = Json::array();
  for (const RankedResult& result : query.results) {
    Json json = {{"path", result.path}};
    if (result.lines.first > 0) {
      json["start_line"] = result.lines.first;
      json["end_line"] = result.lines.last;
    }
    json["score"] = result.score;
    results.push_back(std::move(json));
  }
  Json json = {{"id", query.id}, {"query", query.text}, {"category", query.category}};
  json.update(MeasuresJson(query.measures));
  json["ranks"] = query.ranks;
  json["targets"] = query.targets;
  json["ms"] = Rounded(query.milliseconds);
  json["results"] = std::move(results);
  return json;
}

Json RepositoryJson(const RepositoryRun& repository) {
  Json queries = Json::array();
  for (const QueryRun& query : repository.queries) queries.push_back(QueryJson(query));
  return {{"name", repository.name},
          {"language", repository.language},
          {"files", repository.coverage.files},
          {"skipped_files", repository.coverage.skipped_files},
          {"chunks", repository.coverage.chunks},
          {"index_seconds", Rounded(repository.index_seconds)},
          {"queries", std::move(queries)}};
}

// The objects of an array field.
Result<std::vector<Record>> Children(const Record& record, std::string_view key) {
  const nlohmann::json& list = record[key];
  if (!list.is_array()) return record.Unexpected(key, "an array of objects");
  std::vector<Record> children;
  for (size_t i = 0; i < list.size(); ++i) {
    CODERANK_ASSIGN(Record child,
                    Record::FromJson(list[i], StrCat(record.place(), ": ", key, "[", i, "]")));
    children.push_back(std::move(child));
  }
  return children;
}

Result<Measures> ReadMeasures(const Record& record) {
  Measures measures{};
  for (size_t m = 0; m < kMeasureCount; ++m) {
    const nlohmann::json& value = record[kMeasureFields[m]];
    if (!value.is_number()) return record.Unexpected(kMeasureFields[m], "a number from 0 to 1");
    measures[m] = value.get<double>();
    if (!(measures[m] >= 0 && measures[m] <= 1)) {
      return record.Unexpected(kMeasureFields[m], "a number from 0 to 1");
    }
  }
  return measures;
}

Result<RankedResult> ReadResult(const Record& record) {
  RankedResult result;
  CODERANK_ASSIGN(result.path, record.Text("path"));
  CODERANK_ASSIGN(const auto first, record.OptionalInteger("start_line"));
  CODERANK_ASSIGN(const auto last, record.OptionalInteger("end_line"));
  result.lines = {.first = first.value_or(0), .last = last.value_or(0)};
  if (record["score"].is_number()) result.score = record["score"].get<double>();
  return result;
}

Result<QueryRun> ReadQuery(const Record& record) {
  QueryRun query;
  CODERANK_ASSIGN(query.id, record.Text("id"));
  CODERANK_ASSIGN(query.text, record.Text("query"));
  CODERANK_ASSIGN(query.category, record.OptionalText("category"));
  CODERANK_ASSIGN(query.measures, ReadMeasures(record));
  CODERANK_ASSIGN(const std::vector<Record> results, Children(record, "results"));
  for (const Record& child : results) {
    CODERANK_ASSIGN(RankedResult result, ReadResult(child));
    query.results.push_back(std::move(result));
  }
  return query;
}

Result<RepositoryRun> ReadRepository(const Record& record) {
  RepositoryRun repository;
  CODERANK_ASSIGN(repository.name, record.Text("name"));
  CODERANK_ASSIGN(repository.language, record.OptionalText("language"));
  CODERANK_ASSIGN(const std::vector<Record> queries, Children(record, "queries"));
  for (const Record& child : queries) {
    CODERANK_ASSIGN(QueryRun query, ReadQuery(child));
    repository.queries.push_back(std::move(query));
  }
  return repository;
}

}  // namespace

Json ToJson(const EvaluationRun& run, bool queries) {
  const Summary summary = Summarise(run);
  Json json = {{"format", kFormat},
               {"dataset", run.dataset},
               {"layout", kLayouts.at(static_cast<size_t>(run.layout))},
               {"k", run.cutoff},
               {"settings", run.settings},
               {"mean_over_repositories", MeasuresJson(summary.over_repositories.mean)},
               {"mean_over_queries", MeasuresJson(summary.over_queries.mean)},
               {"by_repository", GroupsJson(summary.repositories)},
               {"by_category", GroupsJson(summary.categories)},
               {"by_language", GroupsJson(summary.languages)},
               {"p50_ms", Rounded(summary.p50_milliseconds)},
               {"p95_ms", Rounded(summary.p95_milliseconds)}};
  if (!queries) return json;
  json["repositories"] = Json::array();
  for (const RepositoryRun& repository : run.repositories) {
    json["repositories"].push_back(RepositoryJson(repository));
  }
  return json;
}

Status WriteRun(const EvaluationRun& run, const std::filesystem::path& file) {
  const std::string text =
      ToJson(run, true).dump(1, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace);
  return WriteFileAtomically(file, text + "\n", kReadableByAll);
}

Result<EvaluationRun> ReadRun(const std::filesystem::path& file) {
  CODERANK_ASSIGN(const std::string text, ReadFile(file, kMaxRunBytes));
  CODERANK_ASSIGN(nlohmann::json value, ParseJson(text, file));
  CODERANK_ASSIGN(const Record record, Record::FromJson(std::move(value), file.native()));
  if (record["format"] != kFormat) {
    return record.Unexpected("format",
                             StrCat("\"", kFormat, "\", as `coderank eval --out` writes"));
  }
  EvaluationRun run;
  CODERANK_ASSIGN(run.dataset, record.Text("dataset"));
  CODERANK_ASSIGN(const auto cutoff, record.OptionalInteger("k"));
  if (!cutoff || *cutoff == 0 || *cutoff > kMostCutoff) {
    return record.Unexpected("k", StrCat("a whole number from 1 to ", kMostCutoff));
  }
  run.cutoff = *cutoff;
  run.layout =
      record["layout"] == kLayouts[1] ? Layout::kDocumentCollection : Layout::kAnnotatedTrees;
  if (record["settings"].is_object()) {
    for (const auto& [key, setting] : record["settings"].items()) {
      if (setting.is_string()) run.settings[key] = setting.get<std::string>();
    }
  }
  CODERANK_ASSIGN(const std::vector<Record> repositories, Children(record, "repositories"));
  for (const Record& child : repositories) {
    CODERANK_ASSIGN(RepositoryRun repository, ReadRepository(child));
    run.repositories.push_back(std::move(repository));
  }
  return run;
}

}  // namespace coderank::evaluation
