#include "evaluation/compare.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/strings.h"
#include "base/try.h"

namespace coderank::evaluation {
namespace {

// Below this two values differ by the rounding of their sums only.
constexpr double kEqual = 1e-9;

struct Pair {
  const QueryRun* a = nullptr;
  const QueryRun* b = nullptr;
};

struct PairedRepository {
  std::string name;
  std::vector<Pair> pairs;
};

std::map<std::string, const QueryRun*> ById(const EvaluationRun& run) {
  std::map<std::string, const QueryRun*> by_id;
  for (const RepositoryRun& repository : run.repositories) {
    for (const QueryRun& query : repository.queries) by_id.emplace(query.id, &query);
  }
  return by_id;
}

Status NotPaired(const std::string& id, const std::string& what) {
  return InvalidArgument(StrCat("query ", id, ": expected in both runs with the same text, ", what,
                                "; compare runs on the same data set and repositories"));
}

Result<std::vector<PairedRepository>> PairUp(const EvaluationRun& a, const EvaluationRun& b) {
  std::map<std::string, const QueryRun*> unpaired = ById(b);
  std::vector<PairedRepository> paired;
  for (const RepositoryRun& repository : a.repositories) {
    PairedRepository own{.name = repository.name, .pairs = {}};
    for (const QueryRun& query : repository.queries) {
      const auto other = unpaired.find(query.id);
      if (other == unpaired.end()) return NotPaired(query.id, "found only in the first");
      if (other->second->text != query.text) return NotPaired(query.id, "found two texts");
      own.pairs.push_back({.a = &query, .b = other->second});
      unpaired.erase(other);
    }
    if (!own.pairs.empty()) paired.push_back(std::move(own));
  }
  if (!unpaired.empty()) {
    return NotPaired(unpaired.begin()->first, "found only in the second");
  }
  return paired;
}

MeasureComparison CompareMeasure(const std::vector<PairedRepository>& repositories, size_t measure,
                                 const BootstrapOptions& options) {
  MeasureComparison comparison;
  std::vector<std::vector<double>> strata;
  std::vector<Measures> means_a;
  std::vector<Measures> means_b;
  for (const PairedRepository& repository : repositories) {
    std::vector<double>& differences = strata.emplace_back();
    std::vector<Measures> rows_a;
    std::vector<Measures> rows_b;
    for (const Pair& pair : repository.pairs) {
      rows_a.push_back(pair.a->measures);
      rows_b.push_back(pair.b->measures);
      differences.push_back(pair.b->measures[measure] - pair.a->measures[measure]);
      if (differences.back() > kEqual) ++comparison.better;
      if (differences.back() < -kEqual) ++comparison.worse;
    }
    means_a.push_back(MeanOf(rows_a));
    means_b.push_back(MeanOf(rows_b));
  }
  comparison.a = MeanOf(means_a)[measure];
  comparison.b = MeanOf(means_b)[measure];
  comparison.bootstrap = PairedBootstrap(strata, options);
  return comparison;
}

void CompareQueries(const PairedRepository& repository, Comparison& comparison) {
  RepositoryDifference mean{.name = repository.name};
  const auto count = static_cast<double>(repository.pairs.size());
  for (const Pair& pair : repository.pairs) {
    const double a = pair.a->measures[kNdcg];
    const double b = pair.b->measures[kNdcg];
    mean.a += a / count;
    mean.b += b / count;
    ++comparison.queries;
    if (std::abs(b - a) <= kEqual) continue;
    comparison.changed.push_back({.id = pair.a->id, .text = pair.a->text, .a = a, .b = b});
  }
  comparison.repositories.push_back(std::move(mean));
}

}  // namespace

Result<Comparison> Compare(const EvaluationRun& a, const EvaluationRun& b,
                           const BootstrapOptions& options) {
  if (a.cutoff != b.cutoff) {
    return InvalidArgument(StrCat("k: expected the same in both runs, found ", a.cutoff, " and ",
                                  b.cutoff, "; repeat one of them with -k"));
  }
  CODERANK_ASSIGN(const std::vector<PairedRepository> repositories, PairUp(a, b));
  Comparison comparison{.cutoff = a.cutoff};
  for (size_t m = 0; m < kMeasureCount; ++m) {
    comparison.measures[m] = CompareMeasure(repositories, m, options);
  }
  for (const PairedRepository& repository : repositories) CompareQueries(repository, comparison);
  std::stable_sort(comparison.changed.begin(), comparison.changed.end(),
                   [](const auto& x, const auto& y) { return x.b - x.a < y.b - y.a; });
  return comparison;
}

}  // namespace coderank::evaluation
