#include "rerank/reranker.h"

#include <chrono>
#include <utility>

#include "base/elapsed.h"
#include "base/try.h"
#include "rerank/budgeted_work.h"

namespace coderank {
Result<Judgement> Reranker::Judge(std::string_view query,
                                  std::span<const std::string_view> documents,
                                  std::optional<double> seconds, const CancellationToken* cancel) {
  const auto start = std::chrono::steady_clock::now();
  const auto now = [&] { return SecondsSince(start); };
  CODERANK_ASSIGN(const auto pairs, model_->Tokenize(query, documents, cancel));
  std::vector<size_t> tokens;
  for (const PairEncoding& pair : pairs) tokens.push_back(pair.ids.size());
  Judgement judgement;
  const auto judge = [&](size_t begin, size_t end) -> Status {
    CODERANK_ASSIGN(const std::vector<float> logits,
                    model_->Score(std::span(pairs).subspan(begin, end - begin), cancel));
    for (size_t i = begin; i < end; ++i) {
      judgement.documents.push_back(
          {.logit = logits[i - begin], .tokens = tokens[i], .truncated = pairs[i].truncated});
    }
    return OkStatus();
  };
  CODERANK_ASSIGN(const WorkDone done,
                  WorkWithin({.tokens = tokens, .threads = model_->threads(), .seconds = seconds},
                             rate_, now, judge));
  judgement.predicted_seconds = done.predicted_seconds;
  judgement.seconds = now();
  return judgement;
}

}  // namespace coderank
