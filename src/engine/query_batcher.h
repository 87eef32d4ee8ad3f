// QueryBatcher: queries that arrive together are embedded together.
//
// A batch of eight short queries reads the model's weights once, and takes little longer than one
// of them alone. Nobody waits for company: a query that finds the batcher idle is embedded at once,
// and those that come meanwhile form the next batch.
#pragma once

#include <condition_variable>
#include <list>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "coderank/cancellation.h"
#include "coderank/result.h"
#include "embed/embedder.h"

namespace coderank {

// Thread-safe. Equal bits with and without company (SentenceEncoder::Encode).
class QueryBatcher {
 public:
  // Borrowed; must outlive this.
  explicit QueryBatcher(const Embedder& embedder) : embedder_(embedder) {}

  Result<Embedding> EmbedQuery(std::string_view text, const CancellationToken* cancel);

 private:
  using Answer = std::optional<Result<Embedding>>;
  struct Waiting {
    std::string_view text;
    const CancellationToken* cancel;
    Answer result;  // guarded by mutex_
  };

  std::vector<Waiting*> TakeBatch();
  // One answer each, in order.
  std::vector<Answer> Run(const std::vector<Waiting*>& batch) const;

  const Embedder& embedder_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Waiting*> waiting_;  // guarded by mutex_; in order of arrival
  bool running_ = false;         // guarded by mutex_
};

}  // namespace coderank
