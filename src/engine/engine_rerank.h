// Engine: a search's second look at its best candidates.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/function_ref.h"
#include "coderank/search.h"
#include "engine/engine_state.h"
#include "search/ranking.h"

namespace coderank {

// For one search. Does nothing where no reranking was asked for.
class Engine::State::Reranking {
 public:
  // Before any other work: the time of the search begins, and a model that is missing or of the
  // wrong kind is an error before a tree is indexed.
  static Result<Reranking> Begin(State& state, const RerankOptions& options,
                                 const CancellationToken* cancel);

  using TextOf = FunctionRef<Result<std::string>(const Candidate&)>;

  // How many candidates ranking has to give for a caller who wants so many results.
  size_t CandidatesFor(size_t results) const;

  // Judges the first of `ranked`, an order of `candidates`, and puts all in their new order, of
  // which the `results` first stay. The report gets what was done and its time.
  Status Apply(const std::string& query, const std::vector<Candidate>& candidates, TextOf text_of,
               size_t results, std::vector<RankedCandidate>& ranked, SearchReport& report);

 private:
  using Clock = std::chrono::steady_clock;

  Reranking(State& state, const RerankOptions& options, const CancellationToken* cancel)
      : state_(state), options_(options), cancel_(cancel) {}
  double MillisecondsSince(Clock::time_point start) const;
  Result<Judgement> Judge(const std::string& query, const std::vector<std::string>& texts);

  State& state_;
  RerankOptions options_;
  const CancellationToken* cancel_;
  Config config_;
  std::optional<InstalledModel> model_;  // no value: no reranking
  Clock::time_point begin_ = Clock::now();
};

}  // namespace coderank
