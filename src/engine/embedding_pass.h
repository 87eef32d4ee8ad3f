// EmbeddingPass: gives a vector to the texts of an index that have none, the most useful first,
// until all have one or the time given is spent.
//
// Vectors that the user's embedding cache knows are taken from there. The others are computed in
// blocks of about a second, and each block is committed: that much work a kill can lose.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "coderank/cancellation.h"
#include "coderank/log.h"
#include "coderank/result.h"
#include "embed/embedder.h"
#include "engine/embedding_order.h"
#include "engine/progress_reporter.h"
#include "kernels/kernel_set.h"
#include "store/embedding_cache.h"
#include "store/index_store.h"

namespace coderank {

struct EmbeddingOptions {
  const kernels::KernelSet* kernels = nullptr;
  EmbeddingCache* cache = nullptr;  // may be null
  // Time for computing vectors; 0: as long as it takes.
  std::chrono::duration<double> budget{0};
  double usd_per_million_tokens = 0;  // 0: nothing, or not known
  LogSink log;                        // may be empty
};

struct EmbeddingSummary {
  uint64_t computed = 0;    // texts
  uint64_t from_cache = 0;  // texts
  uint64_t tokens = 0;      // of the computed ones
  uint64_t left = 0;        // texts that still wait because the budget is spent
  double seconds_left = 0;  // what they would take, by this run's measured speed
};

// Not thread-safe; the embedder's threads do the work.
class EmbeddingPass {
 public:
  EmbeddingPass(IndexStore& store, const Embedder& embedder, const EmbeddingOptions& options,
                ProgressReporter& progress)
      : store_(store), embedder_(embedder), options_(options), progress_(progress) {}

  // `on_stored` is called about once a minute, after a commit of vectors.
  Result<EmbeddingSummary> Run(const std::function<Status()>& on_stored,
                               const CancellationToken* cancel);

 private:
  using Clock = std::chrono::steady_clock;

  Status TakeFromCache();
  Result<size_t> TakeFromCache(std::span<const TextToEmbed> texts,
                               std::vector<TextToEmbed>& missing);
  void SampleFirst();
  Status Compute(const std::function<Status()>& on_stored, const CancellationToken* cancel);
  Status EmbedBlock(std::span<const TextToEmbed> block, const CancellationToken* cancel);
  void FillCache();
  void WithoutCache(const Status& reason);
  void LogEstimate() const;
  double SecondsFor(uint64_t bytes) const;
  bool WithinBudget(uint64_t bytes) const;
  void Log(LogLevel level, const std::string& text) const;

  IndexStore& store_;
  const Embedder& embedder_;
  EmbeddingOptions options_;
  ProgressReporter& progress_;

  std::vector<TextToEmbed> texts_;  // in order; the first `done_` have a vector
  size_t done_ = 0;
  uint64_t bytes_left_ = 0;
  EmbeddingSummary summary_;
  Clock::time_point start_;
  // What was measured so far.
  uint64_t bytes_computed_ = 0;
  double seconds_computed_ = 0;
  std::vector<CachedEmbedding> to_cache_;
};

}  // namespace coderank
