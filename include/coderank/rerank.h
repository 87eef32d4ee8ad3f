// Reranking: a second, slower look at the best candidates of a search, by a model that reads the
// query and candidates together. docs/reranking.md says when it helps; for code it often does not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace coderank {

enum class RerankMethod {
  kNone,
  kCrossEncoder,  // judges each candidate
  kListwise,      // orders ten candidates at a time, by a language model of any size: minutes
};

// What a listwise judge is told that the query is.
enum class RerankTask {
  kDescription,  // of what the code does
  kIssue,        // a report of a fault in it
};

struct RerankOptions {
  RerankMethod method = RerankMethod::kNone;
  std::string model;  // empty: the one installed of its kind, or the known one among several
  // Candidates that are judged, at most. Unset: 20; of a listwise judge 10, which is one window.
  std::optional<uint32_t> depth;
  // The judge's share in the new order, in per cent; 100: its order alone. Unset: 25, of a listwise
  // judge 50; see rerank/blend.h.
  std::optional<uint32_t> weight;
  RerankTask task = RerankTask::kDescription;  // of a listwise judge
  // Milliseconds for the whole search, from its beginning to its answer. The list of candidates is
  // cut to what the measured speed allows, down to none; the search before it is not.
  std::optional<double> budget_ms;

  uint32_t DepthOrDefault() const {
    return depth.value_or(method == RerankMethod::kListwise ? 10 : 20);
  }
  uint32_t WeightOrDefault() const {
    return weight.value_or(method == RerankMethod::kListwise ? 50 : 25);
  }
};

// What was done.
struct RerankReport {
  std::string model;
  uint32_t weight = 0;
  uint32_t candidates = 0;  // that there were to judge
  uint32_t judged = 0;      // the best of them; fewer than `candidates` when time was short
  uint32_t truncated = 0;   // of those judged, how many were longer than the model reads
  std::optional<double> predicted_ms;  // for all candidates, by the speed measured in this process
  double taken_ms = 0;                 // for those judged
  std::optional<double> budget_ms;     // as asked for
  // Of a listwise judge.
  uint32_t windows = 0;  // of ten candidates
  uint64_t tokens = 0;   // that it read

  bool shortened() const { return judged < candidates; }
};

// One document's judgement.
struct RerankScore {
  // Higher is better: the model's logit, any real number; of a listwise judge the number of
  // documents that are not before this one.
  float score = 0;
  size_t tokens = 0;
  bool truncated = false;  // the document's end was not read
};

// Indices of the documents, best first; equal ones in the order given.
std::vector<size_t> BestFirst(const std::vector<RerankScore>& scores);

}  // namespace coderank
