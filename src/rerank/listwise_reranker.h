// ListwiseReranker: a decoder that reads the query with ten documents at a time and says in which
// order they answer it.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/thread_pool.h"
#include "coderank/cancellation.h"
#include "coderank/result.h"
#include "model/chat_format.h"
#include "model/generator.h"
#include "model/load_decoder.h"
#include "rerank/listwise_prompt.h"
#include "rerank/listwise_windows.h"
#include "rerank/ranking_answer.h"
#include "rerank/rate_meter.h"

namespace coderank {

struct ListwiseProgress {
  size_t documents = 0;  // that are ranked
  size_t tokens_done = 0;
  size_t tokens_total = 0;  // about
  double seconds = 0;       // since the ranking began
  double seconds_left = 0;  // about
};

struct ListwiseOptions {
  ListwiseTask task = ListwiseTask::kDescription;
  // Documents are left out at the end of the list until the rest can be ranked in this time; none:
  // as long as it takes.
  std::optional<double> seconds = {};
  // Constrained answers are orders whatever the model writes; free ones are for comparisons.
  bool constrained = true;
  // First with the whole estimate, before the first window; then a few times a window.
  std::function<void(const ListwiseProgress&)> progress = {};
};

struct ListwiseDocument {
  size_t tokens = 0;       // of its passage
  bool truncated = false;  // it was longer than a passage may be
};

struct ListwiseJudgement {
  // The best first: indices of the documents that were ranked, the first ones of those given.
  std::vector<size_t> order;
  std::vector<ListwiseDocument> documents;  // all that were given
  size_t truncated = 0;                     // of those ranked
  size_t windows = 0;
  size_t tokens = 0;  // that were read, answers included; what windows share counts once
  size_t steps = 0;   // forward passes of answers
  std::optional<double> predicted_seconds;  // for all that were given
  double seconds = 0;                       // that it took
};

// Thread-safe: calls wait for each other, because each takes all threads and much memory.
class ListwiseReranker {
 public:
  // A passage's tokens, as in the published setting.
  static constexpr size_t kPassageTokens = 1024;

  // `most_tokens`: of a prompt with its answer. `pool` must outlive this. kInvalidArgument for a
  // decoder without a head, or whose tokenizer has no form for instructions or rankings.
  static Result<std::unique_ptr<ListwiseReranker>> Make(LoadedDecoder model, size_t most_tokens,
                                                        ThreadPool& pool);

  const BytePairTokenizer& tokenizer() const { return *model_.tokenizer; }

  // Ranks `documents`, best first, in windows from their end. kInvalidArgument for a query that
  // leaves no room for them; kCancelled.
  Result<ListwiseJudgement> Rank(std::string_view query,
                                 std::span<const std::string_view> documents,
                                 const ListwiseOptions& options = {},
                                 const CancellationToken* cancel = nullptr);

 private:
  class Ranking;

  ListwiseReranker(LoadedDecoder model, ChatFormat chat, RankingAlphabet alphabet,
                   size_t most_tokens, ThreadPool& pool)
      : model_(std::move(model)),
        chat_(chat),
        alphabet_(std::move(alphabet)),
        most_tokens_(most_tokens),
        pool_(&pool) {}

  ListwiseRates rates() const {
    return {.tokens_per_second = prompts_.tokens_per_second(),
            .steps_per_second = steps_.tokens_per_second()};
  }

  LoadedDecoder model_;
  ChatFormat chat_;
  RankingAlphabet alphabet_;
  size_t most_tokens_;
  ThreadPool* pool_;
  std::mutex ranking_;  // held while a list is ranked
  RateMeter prompts_;
  RateMeter steps_;
};

}  // namespace coderank
