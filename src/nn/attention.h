// Bidirectional multi-head self-attention over a batch of sequences laid end to end.
//
// There is no padding and no mask: a sequence meets only its own tokens, so its result does not
// depend on the batch it is in.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/thread_pool.h"
#include "kernels/kernel_set.h"
#include "nn/buffer.h"

namespace coderank::nn {

struct AttentionShape {
  size_t heads;
  size_t head_size;      // of one head; hidden = heads * head_size
  bool rounded = false;  // to integers (kernels/attention.h) instead of f32
};

// One piece of work's memory: packed K and V of one head and the scores of a block of queries.
struct AttentionScratch {
  FloatBuffer keys;
  FloatBuffer values;
  FloatBuffer scores;
  ByteBuffer rounded;  // all of rounded attention
};

// context[tokens, hidden] = softmax(Q K^T / sqrt(head_size)) V for every sequence and head.
//   qkv      [tokens, 3 * hidden]: a token's Q, K and V, each with its heads in a row
//   offsets  sequence s is the tokens [offsets[s], offsets[s + 1])
//   scratch  grows to one per thread used
void SelfAttention(const kernels::KernelSet& kernels, ThreadPool* pool, const AttentionShape& shape,
                   const float* qkv, std::span<const size_t> offsets,
                   std::vector<AttentionScratch>& scratch, float* context);

}  // namespace coderank::nn
