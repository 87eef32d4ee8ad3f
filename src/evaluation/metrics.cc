#include "evaluation/metrics.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/strings.h"

namespace coderank::evaluation {
namespace {

bool IsSuffixAtSlash(std::string_view path, std::string_view suffix) {
  return path.size() > suffix.size() && path.ends_with(suffix) &&
         path[path.size() - suffix.size() - 1] == '/';
}

std::string WithSlashes(std::string_view path) {
  std::string out(path);
  std::replace(out.begin(), out.end(), '\\', '/');
  return out;
}

bool Covers(const RankedResult& result, const Target& target) {
  if (!PathsMatch(result.path, target.path)) return false;
  return !target.lines ||
         (result.lines.last >= target.lines->first && result.lines.first <= target.lines->last);
}

double DiscountedGain(std::span<const double> gains, size_t cutoff) {
  double sum = 0;
  for (size_t i = 0; i < std::min(gains.size(), cutoff); ++i) {
    sum += gains[i] / std::log2(static_cast<double>(i) + 2);
  }
  return sum;
}

Judgement NothingFound(size_t results, std::span<const Target> targets) {
  Judgement judgement{
      .gains = std::vector<double>(results), .found = std::vector<uint32_t>(results), .ideal = {}};
  for (const Target& target : targets) judgement.ideal.push_back(target.grade);
  std::sort(judgement.ideal.begin(), judgement.ideal.end(), std::greater<>());
  return judgement;
}

}  // namespace

bool PathsMatch(std::string_view a, std::string_view b) {
  if (a.find('\\') != std::string_view::npos || b.find('\\') != std::string_view::npos) {
    return PathsMatch(WithSlashes(a), WithSlashes(b));
  }
  return a == b || IsSuffixAtSlash(a, b) || IsSuffixAtSlash(b, a);
}

Judgement JudgeChunks(std::span<const RankedResult> results, std::span<const Target> targets) {
  Judgement judgement = NothingFound(results.size(), targets);
  for (const Target& target : targets) {
    const auto first = std::find_if(results.begin(), results.end(),
                                    [&](const RankedResult& r) { return Covers(r, target); });
    if (first == results.end()) continue;
    const auto position = static_cast<size_t>(first - results.begin());
    judgement.gains[position] = 1;
    ++judgement.found[position];
  }
  return judgement;
}

Judgement JudgeDocuments(std::span<const RankedResult> results, std::span<const Target> targets) {
  Judgement judgement = NothingFound(results.size(), targets);
  std::map<std::string_view, double> grades;
  for (const Target& target : targets) grades.emplace(target.path, target.grade);
  for (size_t i = 0; i < results.size(); ++i) {
    const auto graded = grades.find(results[i].path);
    if (graded == grades.end()) continue;
    judgement.gains[i] = graded->second;
    judgement.found[i] = 1;
  }
  return judgement;
}

std::vector<RankedResult> BestOfEachDocument(std::span<const RankedResult> results) {
  std::set<std::string_view> seen;
  std::vector<RankedResult> best;
  for (const RankedResult& result : results) {
    if (seen.insert(result.path).second) best.push_back(result);
  }
  return best;
}

std::string MeasureName(size_t measure, uint32_t cutoff) {
  switch (measure) {
    case kNdcg:
      return StrCat("NDCG@", cutoff);
    case kReciprocalRank:
      return StrCat("MRR@", cutoff);
    case kRecall:
      return StrCat("Recall@", cutoff);
    case kSuccessAt1:
      return "Success@1";
    default:
      return StrCat("Success@", cutoff);
  }
}

Measures MeasuresOf(const Judgement& judgement, uint32_t cutoff) {
  Measures measures{};
  if (judgement.ideal.empty()) return measures;
  measures[kNdcg] =
      DiscountedGain(judgement.gains, cutoff) / DiscountedGain(judgement.ideal, cutoff);
  uint32_t found = 0;
  for (size_t i = 0; i < std::min<size_t>(judgement.gains.size(), cutoff); ++i) {
    if (judgement.found[i] == 0) continue;
    if (found == 0) measures[kReciprocalRank] = 1 / static_cast<double>(i + 1);
    if (i == 0) measures[kSuccessAt1] = 1;
    found += judgement.found[i];
  }
  measures[kRecall] = found / static_cast<double>(judgement.ideal.size());
  measures[kSuccess] = found > 0 ? 1 : 0;
  return measures;
}

Measures MeanOf(std::span<const Measures> rows) {
  Measures mean{};
  for (const Measures& row : rows) {
    for (size_t m = 0; m < kMeasureCount; ++m) {
      mean[m] += row[m] / static_cast<double>(rows.size());
    }
  }
  return mean;
}

double Percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const double position = share * static_cast<double>(values.size() - 1);
  const auto below = static_cast<size_t>(position);
  const size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (values[above] - values[below]) * (position - static_cast<double>(below));
}

}  // namespace coderank::evaluation
