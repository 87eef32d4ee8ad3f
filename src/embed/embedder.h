// Embedder: text to vectors, whoever computes them.
//
// Whether a text is a query or a document has to be said because a model can demand different
// prompts for them; prompts, pooling and the length limit belong to the model's record and never to
// the caller.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "coderank/cancellation.h"
#include "coderank/result.h"

namespace coderank {

struct Embedding {
  std::vector<float> vector;       // [dimension] f32, of unit length
  std::vector<int32_t> token_ids;  // after truncation, special tokens included; of local models
  uint32_t tokens = 0;     // as many; of a remote model its share of what the service counted
  bool truncated = false;  // the length limit cut the text
};

enum class TextRole { kQuery, kDocument };

struct EmbedOptions {
  // Unit length, which is what search compares, whether or not the model's own modules normalise;
  // false: the pooled vectors as they are.
  bool normalize = true;
};

class ThreadPool;

// Thread-safe: calls may overlap and share the embedder's threads.
class Embedder {
 public:
  virtual ~Embedder() = default;

  virtual size_t dimension() const = 0;
  // Hex SHA-256 over all that decides a vector: weights, tokenizer, pooling, prompts, maximum
  // length, precision. Vectors of different fingerprints must never be compared.
  virtual const std::string& fingerprint() const = 0;

  // One embedding per text, in the order given.
  virtual Result<std::vector<Embedding>> Embed(TextRole role,
                                               std::span<const std::string_view> texts,
                                               EmbedOptions options,
                                               const CancellationToken* cancel) const = 0;

  // The same model, shared and not copied, computed with on other threads. `pool` must outlive it.
  virtual std::unique_ptr<Embedder> OnPool(ThreadPool& pool) const = 0;

  Result<Embedding> EmbedQuery(std::string_view text,
                               const CancellationToken* cancel = nullptr) const {
    auto embeddings = Embed(TextRole::kQuery, {&text, 1}, {}, cancel);
    if (!embeddings) return embeddings.error();
    return std::move(embeddings->front());
  }
  Result<std::vector<Embedding>> EmbedDocuments(std::span<const std::string_view> texts,
                                                const CancellationToken* cancel = nullptr) const {
    return Embed(TextRole::kDocument, texts, {}, cancel);
  }
};

}  // namespace coderank
