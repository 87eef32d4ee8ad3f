// Indexer: brings a tree's index up to date, in two passes that each can be cut short.
//
//   1. scan   walk the tree; files whose stamp changed are read, cut and committed in batches
//   2. embed  texts without a vector are embedded and committed about once a second
//
// Killing the process between any two instructions loses at most the batch under way; the next
// run finds the same difference between tree and index and goes on.
#pragma once

#include <chrono>
#include <filesystem>

#include "coderank/cancellation.h"
#include "coderank/indexing.h"
#include "coderank/log.h"
#include "coderank/result.h"
#include "embed/embedder.h"
#include "kernels/kernel_set.h"
#include "source/chunker.h"
#include "source/walker.h"
#include "store/index_store.h"

namespace coderank {

struct IndexerOptions {
  std::filesystem::path root;
  WalkOptions walk;
};

// Borrows everything it is given. Not thread-safe; the embedder's threads do the work.
class Indexer {
 public:
  Indexer(IndexStore& store, const Embedder& embedder, const kernels::KernelSet& kernels,
          const Chunker& chunker, IndexerOptions options)
      : store_(store),
        embedder_(embedder),
        kernels_(kernels),
        chunker_(chunker),
        options_(std::move(options)) {}

  // kCancelled when `cancel` was set: everything committed so far stays.
  Result<IndexReport> Run(const ProgressSink& progress, const CancellationToken* cancel);

 private:
  class Scan;
  using Clock = std::chrono::steady_clock;

  Status Embed(const CancellationToken* cancel);
  Result<size_t> EmbedBlock(std::vector<PendingText>& block, const CancellationToken* cancel);
  Status Finish();
  void Report(IndexProgress::Phase phase, bool force = false);

  IndexStore& store_;
  const Embedder& embedder_;
  const kernels::KernelSet& kernels_;
  const Chunker& chunker_;
  IndexerOptions options_;

  IndexReport report_;
  IndexProgress state_;
  const ProgressSink* progress_ = nullptr;
  Clock::time_point phase_start_;
  Clock::time_point last_report_;
};

}  // namespace coderank
