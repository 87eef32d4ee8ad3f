// Decoder: token ids to hidden states and to the logits of the token that follows each, after
// what a cache holds of the text so far.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/thread_pool.h"
#include "nn/decoder_workspace.h"
#include "nn/kv_cache.h"

namespace coderank {

// Immutable after loading, so thread-safe; a cache and a workspace belong to one text.
class Decoder {
 public:
  virtual ~Decoder() = default;

  virtual size_t hidden_size() const = 0;
  virtual size_t vocabulary_size() const = 0;
  virtual size_t max_positions() const = 0;
  // Without one it gives hidden states only: an embedder.
  virtual bool has_head() const = 0;

  virtual nn::KvCache MakeCache(size_t capacity) const = 0;

  // The final hidden states [ids, hidden_size] of the tokens at the positions from cache.length()
  // on, in `workspace` until it is used again; the cache grows by them. `pool` null: on this
  // thread alone. A row's bits depend on the tokens before it alone, not on how they were cut into
  // calls. Preconditions: ids in [0, vocabulary_size), and room in the cache.
  virtual const float* Forward(std::span<const int32_t> ids, ThreadPool* pool, nn::KvCache& cache,
                               nn::DecoderWorkspace& workspace) const = 0;

  // logits[rows, vocabulary_size] of hidden states. Precondition: has_head().
  virtual void Logits(const float* states, size_t rows, ThreadPool* pool,
                      nn::DecoderWorkspace& workspace, float* logits) const = 0;
};

}  // namespace coderank
