// Vectors of documents, taken from this user's embedding cache where it has them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "coderank/cancellation.h"
#include "coderank/log.h"
#include "coderank/result.h"
#include "embed/embedder.h"
#include "kernels/kernel_set.h"
#include "store/embedding_cache.h"

namespace coderank {

struct DocumentVector {
  std::vector<float> vector;  // [dimension], unit length
  uint32_t tokens = 0;        // after that
  bool truncated = false;     // the model's length limit cut the text
};

// Not thread-safe. Borrows what it is made of.
class DocumentVectors {
 public:
  // `cache` null: there is none.
  DocumentVectors(const Embedder& embedder, const kernels::KernelSet& kernels,
                  EmbeddingCache* cache, LogSink log)
      : embedder_(embedder), kernels_(kernels), cache_(cache), log_(std::move(log)) {}

  // One for each text, in order. Texts that are new to the cache are added to it.
  Result<std::vector<DocumentVector>> Of(std::span<const std::string> texts,
                                         const CancellationToken* cancel);
  // The same without the cache: what the model gives now.
  Result<std::vector<DocumentVector>> Computed(std::span<const std::string> texts,
                                               const CancellationToken* cancel) const;

  const std::string& fingerprint() const { return embedder_.fingerprint(); }
  size_t dimension() const { return embedder_.dimension(); }
  uint64_t computed() const { return computed_; }
  uint64_t from_cache() const { return from_cache_; }

 private:
  void TakeFromCache(std::span<const std::string> texts, std::vector<DocumentVector>& vectors);
  void FillCache(std::span<const std::string> texts, std::span<const DocumentVector> vectors);
  void WithoutCache(const Status& reason);

  const Embedder& embedder_;
  const kernels::KernelSet& kernels_;
  EmbeddingCache* cache_;
  LogSink log_;
  uint64_t computed_ = 0;
  uint64_t from_cache_ = 0;
};

}  // namespace coderank
