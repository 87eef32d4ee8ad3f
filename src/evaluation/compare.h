// Two runs on the same queries, side by side.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "coderank/result.h"
#include "evaluation/bootstrap.h"
#include "evaluation/run.h"

namespace coderank::evaluation {

struct MeasureComparison {
  double a = 0;  // means over repositories
  double b = 0;
  BootstrapResult bootstrap;  // of b - a
  uint64_t better = 0;        // queries on which B is above A
  uint64_t worse = 0;
};

struct QueryDifference {
  std::string id;
  std::string text;
  double a = 0;  // NDCG
  double b = 0;
};

struct RepositoryDifference {
  std::string name;
  double a = 0;  // mean NDCG
  double b = 0;
};

struct Comparison {
  uint32_t cutoff = 0;
  uint64_t queries = 0;
  std::array<MeasureComparison, kMeasureCount> measures;
  std::vector<RepositoryDifference> repositories;
  std::vector<QueryDifference> changed;  // by B - A, worst first
};

// kInvalidArgument if the runs differ in k, in their repositories or in their queries.
Result<Comparison> Compare(const EvaluationRun& a, const EvaluationRun& b,
                           const BootstrapOptions& options = {});

}  // namespace coderank::evaluation
