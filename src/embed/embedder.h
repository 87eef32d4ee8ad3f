// Embedder: text to vectors, whoever computes them.
//
// Queries and documents are separate calls because a model can demand different prompts for
// them; prompts, pooling and the length limit belong to the model's record and never to the caller.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "coderank/cancellation.h"
#include "coderank/result.h"

namespace coderank {

struct Embedding {
  std::vector<float> vector;       // [dimension] f32, of unit length
  std::vector<int32_t> token_ids;  // after truncation, special tokens included
  bool truncated = false;          // the length limit cut the text
};

// Thread-safe: calls may overlap and share the embedder's threads.
class Embedder {
 public:
  virtual ~Embedder() = default;

  virtual size_t dimension() const = 0;
  // Hex SHA-256 over all that decides a vector: weights, tokenizer, pooling, prompts, maximum
  // length, precision. Vectors of different fingerprints must never be compared.
  virtual const std::string& fingerprint() const = 0;

  virtual Result<Embedding> EmbedQuery(std::string_view text,
                                       const CancellationToken* cancel = nullptr) const = 0;
  // One embedding per text, in the order given.
  virtual Result<std::vector<Embedding>> EmbedDocuments(
      std::span<const std::string_view> texts, const CancellationToken* cancel = nullptr) const = 0;
};

}  // namespace coderank
