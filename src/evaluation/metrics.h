// The measures of ranked answers: pure functions, no files.
//
// An answer is judged first: every position gets a gain. How depends on what the targets are.
// The measures then look at gains only, so both kinds of data set share them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace coderank::evaluation {

struct LineSpan {
  uint32_t first = 0;  // 1-based
  uint32_t last = 0;   // inclusive
};

// Something that answers a query: a file or lines of it, or a document (then `path` is its id).
struct Target {
  std::string path;
  std::optional<LineSpan> lines;  // without: any part of the file
  double grade = 1;               // above 0; 1 where relevance is yes or no
};

// One result of a search: a chunk, or a document (then `path` is its id and there are no lines).
struct RankedResult {
  std::string path;
  LineSpan lines;
  double score = 0;
};

struct Judgement {
  std::vector<double> gains;    // [results]
  std::vector<uint32_t> found;  // [results] targets that this result is the first to cover
  std::vector<double> ideal;    // [targets] their grades, largest first
};

// True if one path equals the other or ends with it at a slash: labels may count their paths from
// another folder than the results do. Backslashes count as slashes.
bool PathsMatch(std::string_view a, std::string_view b);

// The rule of semble's benchmark for code. A result covers a target when their paths match and,
// where the target has lines, the spans overlap. A position gains 1 if it is the first to cover
// some target. Two targets first covered by one result share its gain, a further chunk of a
// credited file gains nothing and still takes its position, and every target counts for the ideal.
Judgement JudgeChunks(std::span<const RankedResult> results, std::span<const Target> targets);

// The rule of trec_eval for documents: a position gains its document's grade, 0 if not judged.
// Precondition: no document occurs twice in the results.
Judgement JudgeDocuments(std::span<const RankedResult> results, std::span<const Target> targets);

// Keeps the first result of each document: a document counts by its best chunk.
std::vector<RankedResult> BestOfEachDocument(std::span<const RankedResult> results);

enum Measure : size_t {
  kNdcg,            // DCG@k / ideal DCG@k, gain / log2(position + 1)
  kReciprocalRank,  // of the first position with a gain, 0 beyond k; its mean is MRR
  kRecall,          // targets covered within k / targets
  kSuccessAt1,      // 1 if the first result has a gain
  kSuccess,         // 1 if one of the first k has
};
inline constexpr size_t kMeasureCount = 5;
using Measures = std::array<double, kMeasureCount>;

// "NDCG@10", "MRR@10", "Recall@10", "Success@1", "Success@10".
std::string MeasureName(size_t measure, uint32_t cutoff);

// All 0 when there are no targets. Precondition: cutoff > 0.
Measures MeasuresOf(const Judgement& judgement, uint32_t cutoff);

// 0 for no rows.
Measures MeanOf(std::span<const Measures> rows);

// Linear interpolation between closest ranks; `share` is 0 to 1. 0 for no values.
double Percentile(std::vector<double> values, double share);

}  // namespace coderank::evaluation
