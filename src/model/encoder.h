// Encoder: token ids to hidden states, whatever the architecture.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/thread_pool.h"
#include "nn/workspace.h"

namespace coderank {

// The tokens of one text, or of two as one sequence.
struct TokenSequence {
  std::span<const int32_t> ids;
  size_t second_begin;  // the first token of the second text; ids.size() where there is none

  TokenSequence(std::span<const int32_t> tokens) : TokenSequence(tokens, tokens.size()) {}
  TokenSequence(std::span<const int32_t> tokens, size_t second)
      : ids(tokens), second_begin(second) {}
};

// Sequences laid end to end, without padding.
struct TokenBatch {
  std::vector<int32_t> ids;
  std::vector<uint32_t> positions;  // of each token in its sequence
  std::vector<uint8_t> types;       // of each token: 1 in a second text, else 0
  std::vector<size_t> offsets{0};   // sequence s is ids[offsets[s]] to ids[offsets[s + 1]]

  size_t sequences() const { return offsets.size() - 1; }
  void Append(const TokenSequence& sequence) {
    ids.insert(ids.end(), sequence.ids.begin(), sequence.ids.end());
    for (uint32_t i = 0; i < sequence.ids.size(); ++i) {
      positions.push_back(i);
      types.push_back(i < sequence.second_begin ? 0 : 1);
    }
    offsets.push_back(ids.size());
  }
};

// Which of the last hidden states a caller reads. Who reads the first of each sequence only spares
// the last layer most of its work: all that comes behind its attention.
enum class States { kAll, kFirst };

// Immutable after loading, so thread-safe.
class Encoder {
 public:
  virtual ~Encoder() = default;

  virtual size_t hidden_size() const = 0;
  virtual size_t vocabulary_size() const = 0;
  virtual size_t max_positions() const = 0;

  // The last hidden states [tokens, hidden_size], or [sequences, hidden_size] of the first tokens,
  // in `workspace` until it is used again. The bits of a state do not depend on which are wanted.
  // `pool` null: on this thread alone. Preconditions: ids in [0, vocabulary_size), no sequence
  // longer than max_positions, no second texts for a model without token types.
  virtual const float* Forward(const TokenBatch& batch, States wanted, ThreadPool* pool,
                               nn::Workspace& workspace) const = 0;
};

// Moves the row of each sequence's first token to the front of rows[tokens, n].
inline void KeepFirstRows(const TokenBatch& batch, size_t n, float* rows) {
  for (size_t s = 1; s < batch.sequences(); ++s) {
    std::copy_n(rows + batch.offsets[s] * n, n, rows + s * n);
  }
}

}  // namespace coderank
