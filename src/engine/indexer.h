// Indexer: brings a tree's index up to date, in two passes that each can be cut short.
//
//   1. scan   walk the tree; files whose stamp changed are read, cut and committed in batches
//   2. embed  texts without a vector get one (embedding_pass.h); left out without a model
//
// Killing the process between any two instructions loses at most the batch under way; the next
// run finds the same difference between tree and index and goes on. A run that finds nothing
// changed reads no file, loads no model and writes one row.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "coderank/cancellation.h"
#include "coderank/indexing.h"
#include "coderank/log.h"
#include "coderank/result.h"
#include "embed/embedder.h"
#include "engine/embedding_pass.h"
#include "engine/progress_reporter.h"
#include "engine/tree_changes.h"
#include "source/chunker.h"
#include "source/walker.h"
#include "store/index_store.h"

namespace coderank {

// Told when rows that others derive data from are committed. An error ends the run; what is
// committed stays.
class IndexObserver {
 public:
  virtual ~IndexObserver() = default;
  // Every file of the tree is cut and stored. Called in every run, also when nothing changed.
  virtual Status OnScanned(IndexStore& store) = 0;
  // Vectors were stored: about once a minute while they are made, and at the end of every run.
  virtual Status OnEmbedded(IndexStore& store) = 0;
};

// An embedder and the name that it is recorded under.
struct NamedEmbedder {
  const Embedder* embedder = nullptr;
  std::string name;
  uint32_t max_tokens = 0;            // that the user asked for; 0: the model's own
  double usd_per_million_tokens = 0;  // 0: nothing, or not known
};

struct IndexerOptions {
  std::filesystem::path root;
  WalkOptions walk;
  // Asked only when texts wait for vectors, because loading a model takes longer than a run that
  // has nothing to do. Empty, or giving none: there is no model, and they go on waiting.
  std::function<Result<std::optional<NamedEmbedder>>()> embedder;
  EmbeddingOptions embedding;
  IndexObserver* observer = nullptr;
};

// Borrows everything it is given. Not thread-safe; the embedder's threads do the work.
class Indexer {
 public:
  Indexer(IndexStore& store, const Chunker& chunker, IndexerOptions options)
      : store_(store), chunker_(chunker), options_(std::move(options)) {}

  // kCancelled when `cancel` was set: everything committed so far stays.
  Result<IndexReport> Run(const ProgressSink& progress, const CancellationToken* cancel);
  // Looks at these files alone instead of at the whole tree. Where the index was cut under other
  // limits, or not yet, this is Run.
  Result<IndexReport> RunFor(const TreeChanges& changes, const ProgressSink& progress,
                             const CancellationToken* cancel);

 private:
  class Scan;

  // `changes` null: the whole tree.
  Result<IndexReport> Run(const TreeChanges* changes, const ProgressSink& progress,
                          const CancellationToken* cancel);
  Status ScanTree(const TreeChanges* changes, ProgressReporter& progress,
                  const CancellationToken* cancel);
  Status Embed(ProgressReporter& progress, const CancellationToken* cancel);
  // Before the first change of a run: until its end the index says that it is under way.
  Status MarkUnderWay();
  Status Finish();

  IndexStore& store_;
  const Chunker& chunker_;
  IndexerOptions options_;
  IndexReport report_;
  bool under_way_ = false;
};

}  // namespace coderank
