// Reranking: a second, slower look at the best candidates of a search, by a model that reads the
// query and a candidate together. docs/reranking.md says when it helps; for code it often does not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace coderank {

enum class RerankMethod { kNone, kCrossEncoder };

struct RerankOptions {
  RerankMethod method = RerankMethod::kNone;
  std::string model;    // empty: the one installed cross-encoder, or the known one among several
  uint32_t depth = 20;  // candidates that are judged, at most
  // The judge's share in the new order, in per cent; 100: its order alone. 25: see rerank/blend.h.
  uint32_t weight = 25;
  // Milliseconds for the whole search, from its beginning to its answer. The list of candidates is
  // cut to what the measured speed allows, down to none; the search before it is not.
  std::optional<double> budget_ms;
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

  bool shortened() const { return judged < candidates; }
};

// One document's judgement.
struct RerankScore {
  float score = 0;  // the model's logit: any real number, higher is better
  size_t tokens = 0;
  bool truncated = false;  // the document's end was not read
};

}  // namespace coderank
