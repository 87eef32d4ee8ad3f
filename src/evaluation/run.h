// What an evaluation gives: the results of every query with their measures, and the means.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "coderank/search.h"
#include "evaluation/dataset.h"
#include "evaluation/metrics.h"

namespace coderank::evaluation {

struct QueryRun {
  std::string id;
  std::string text;
  std::string category;
  std::vector<RankedResult> results;  // best first; documents: one each
  std::vector<uint32_t> ranks;        // 1-based positions of the results with a gain
  uint64_t targets = 0;
  Measures measures{};
  double milliseconds = 0;  // of the search, without loading the model
};

struct RepositoryRun {
  std::string name;
  std::string language;
  Coverage coverage;
  double index_seconds = 0;
  std::vector<QueryRun> queries;
};

struct EvaluationRun {
  std::string dataset;
  Layout layout = Layout::kAnnotatedTrees;
  uint32_t cutoff = 10;                         // results asked for and k of the measures
  std::map<std::string, std::string> settings;  // "model", ...: what the results depend on
  std::vector<RepositoryRun> repositories;
};

// A query's ranks and measures from its results. Fills everything but the time.
QueryRun ScoreQuery(const Query& query, Layout layout, std::vector<RankedResult> results,
                    uint32_t cutoff);

struct GroupMean {
  std::string name;
  uint64_t queries = 0;
  Measures mean{};
};

struct Summary {
  std::vector<GroupMean> repositories;
  // Means over repositories of the repository's mean over its queries of that category or
  // language, as semble's benchmark publishes its categories. By name.
  std::vector<GroupMean> categories;
  std::vector<GroupMean> languages;
  GroupMean over_repositories;  // each repository weighs the same
  GroupMean over_queries;       // each query weighs the same
  double p50_milliseconds = 0;
  double p95_milliseconds = 0;
};

Summary Summarise(const EvaluationRun& run);

}  // namespace coderank::evaluation
