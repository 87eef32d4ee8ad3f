#include "evaluation/run.h"

#include <utility>

namespace coderank::evaluation {
namespace {

GroupMean MeanOfRows(std::string name, const std::vector<Measures>& rows) {
  return {.name = std::move(name), .queries = rows.size(), .mean = MeanOf(rows)};
}

// Means over repositories of the means of each group within a repository.
class NestedMeans {
 public:
  void Add(const std::string& group, const std::vector<Measures>& rows) {
    means_[group].push_back(MeanOf(rows));
    queries_[group] += rows.size();
  }
  std::vector<GroupMean> Get() const {
    std::vector<GroupMean> groups;
    for (const auto& [name, means] : means_) {
      groups.push_back({.name = name, .queries = queries_.at(name), .mean = MeanOf(means)});
    }
    return groups;
  }

 private:
  std::map<std::string, std::vector<Measures>> means_;
  std::map<std::string, uint64_t> queries_;
};

}  // namespace

QueryRun ScoreQuery(const Query& query, Layout layout, std::vector<RankedResult> results,
                    uint32_t cutoff) {
  const Judgement judgement = layout == Layout::kAnnotatedTrees
                                  ? JudgeChunks(results, query.targets)
                                  : JudgeDocuments(results, query.targets);
  QueryRun run{.id = query.id, .text = query.text, .category = query.category};
  for (size_t i = 0; i < judgement.gains.size(); ++i) {
    if (judgement.gains[i] > 0) run.ranks.push_back(static_cast<uint32_t>(i) + 1);
  }
  run.targets = query.targets.size();
  run.measures = MeasuresOf(judgement, cutoff);
  run.results = std::move(results);
  return run;
}

Summary Summarise(const EvaluationRun& run) {
  Summary summary;
  NestedMeans categories;
  NestedMeans languages;
  std::vector<Measures> all;
  std::vector<Measures> repository_means;
  std::vector<double> times;
  for (const RepositoryRun& repository : run.repositories) {
    std::vector<Measures> rows;
    std::map<std::string, std::vector<Measures>> by_category;
    for (const QueryRun& query : repository.queries) {
      rows.push_back(query.measures);
      by_category[query.category].push_back(query.measures);
      times.push_back(query.milliseconds);
    }
    if (rows.empty()) continue;
    all.insert(all.end(), rows.begin(), rows.end());
    summary.repositories.push_back(MeanOfRows(repository.name, rows));
    repository_means.push_back(summary.repositories.back().mean);
    for (const auto& [category, of_category] : by_category) categories.Add(category, of_category);
    languages.Add(repository.language, rows);
  }
  summary.categories = categories.Get();
  summary.languages = languages.Get();
  summary.over_repositories = MeanOfRows("mean over repositories", repository_means);
  summary.over_repositories.queries = all.size();
  summary.over_queries = MeanOfRows("mean over queries", all);
  summary.p50_milliseconds = Percentile(times, 0.50);
  summary.p95_milliseconds = Percentile(std::move(times), 0.95);
  return summary;
}

}  // namespace coderank::evaluation
