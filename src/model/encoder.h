// Encoder: token ids to hidden states, whatever the architecture.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/thread_pool.h"
#include "nn/workspace.h"

namespace coderank {

// Sequences laid end to end, without padding.
struct TokenBatch {
  std::vector<int32_t> ids;
  std::vector<uint32_t> positions;  // of each token in its sequence
  std::vector<size_t> offsets{0};   // sequence s is ids[offsets[s]] to ids[offsets[s + 1]]

  size_t sequences() const { return offsets.size() - 1; }
  void Append(std::span<const int32_t> sequence) {
    ids.insert(ids.end(), sequence.begin(), sequence.end());
    for (uint32_t i = 0; i < sequence.size(); ++i) positions.push_back(i);
    offsets.push_back(ids.size());
  }
};

// Immutable after loading, so thread-safe.
class Encoder {
 public:
  virtual ~Encoder() = default;

  virtual size_t hidden_size() const = 0;
  virtual size_t vocabulary_size() const = 0;
  virtual size_t max_positions() const = 0;

  // The last hidden states [tokens, hidden_size], in `workspace` until it is used again. `pool`
  // null: on this thread alone. Preconditions: ids in [0, vocabulary_size), no sequence longer
  // than max_positions.
  virtual const float* Forward(const TokenBatch& batch, ThreadPool* pool,
                               nn::Workspace& workspace) const = 0;
};

}  // namespace coderank
