// Engine: a search's second look at its best candidates.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.h"
#include "coderank/indexing.h"
#include "coderank/search.h"
#include "engine/engine_state.h"
#include "search/ranking.h"

namespace coderank {

// For one search. Does nothing where no reranking was asked for.
class Engine::State::Reranking {
 public:
  // Before any other work: the time of the search begins, and a model that is missing or of the
  // wrong kind is an error before a tree is indexed.
  // All must outlive this.
  static Result<Reranking> Begin(State& state, const RerankOptions& options,
                                 const ProgressSink& progress, const CancellationToken* cancel);

  using TextOf = FunctionRef<Result<std::string>(const Candidate&)>;

  // How many candidates ranking has to give for a caller who wants so many results.
  size_t CandidatesFor(size_t results) const;

  // Judges the first of `ranked`, an order of `candidates`, and puts all in their new order, of
  // which the `results` first stay. The report gets what was done and its time.
  Status Apply(const std::string& query, const std::vector<Candidate>& candidates, TextOf text_of,
               size_t results, std::vector<RankedCandidate>& ranked, SearchReport& report);

 private:
  using Clock = std::chrono::steady_clock;

  Reranking(State& state, const RerankOptions& options, const ProgressSink& progress,
            const CancellationToken* cancel)
      : state_(state), options_(options), progress_(&progress), cancel_(cancel) {}
  double Weight() const { return options_.WeightOrDefault() / 100.0; }
  std::optional<double> SecondsLeft() const;  // of the budget
  // `texts` are those of the first of `ranked`, which gets its new order.
  Status JudgePairs(const std::string& query, std::span<const std::string_view> texts,
                    std::vector<RankedCandidate>& ranked, RerankReport& done);
  Status RankList(const std::string& query, std::span<const std::string_view> texts,
                  std::vector<RankedCandidate>& ranked, RerankReport& done);
  void Report(const ListwiseProgress& progress) const;

  State& state_;
  RerankOptions options_;
  const ProgressSink* progress_;
  const CancellationToken* cancel_;
  Config config_;
  std::optional<InstalledModel> model_;  // no value: no reranking
  Clock::time_point begin_ = Clock::now();
};

}  // namespace coderank
