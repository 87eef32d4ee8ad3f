#include "nn/attention.h"

#include <algorithm>
#include <cmath>

#include "nn/parallel.h"

namespace coderank::nn {
namespace {

// Queries whose scores are held at once: the scores of 72 queries and 512 keys (147 kB) stay in
// the second cache level, and memory grows with the length instead of its square. 72 is a multiple
// of every set's tile.
constexpr size_t kQueryBlock = 72;

using Head = kernels::AttentionHead;  // of one sequence

void AttendRounded(const kernels::KernelSet& kernels, const Head& head, AttentionScratch& scratch) {
  const size_t bytes = kernels.attention_bytes(head.tokens, head.head_size);
  kernels.attend(head, scratch.rounded.Reserve(bytes));
}

void Attend(const kernels::KernelSet& kernels, const Head& head, AttentionScratch& scratch) {
  const size_t tokens = head.tokens;
  const size_t size = head.head_size;
  float* keys = scratch.keys.Reserve(kernels.PackedSize(tokens, size));
  float* values = scratch.values.Reserve(kernels.PackedSize(size, tokens));
  float* scores = scratch.scores.Reserve(std::min(tokens, kQueryBlock) * tokens);
  kernels.pack_rows(head.keys, head.stride, tokens, size, keys);
  kernels.pack_columns(head.values, head.stride, size, tokens, values);
  const float scale = 1.0F / std::sqrt(static_cast<float>(size));
  for (size_t first = 0; first < tokens; first += kQueryBlock) {
    const size_t rows = std::min(kQueryBlock, tokens - first);
    kernels.gemm(head.queries + first * head.stride, head.stride, keys, nullptr, scores, tokens,
                 rows, tokens, size);
    for (size_t row = 0; row < rows; ++row) kernels.softmax(scores + row * tokens, tokens, scale);
    kernels.gemm(scores, tokens, values, nullptr, head.context + first * head.context_stride,
                 head.context_stride, rows, size, tokens);
  }
}

// Of f32, or what takes as long.
size_t MultiplyAdds(std::span<const size_t> offsets, size_t hidden) {
  // Rounding and packing Q, K and V take 1.7 us for 16 tokens and a head of 64.
  constexpr size_t kOfAnElement = 48;
  size_t work = 0;
  for (size_t s = 0; s + 1 < offsets.size(); ++s) {
    const size_t tokens = offsets[s + 1] - offsets[s];
    work += (2 * tokens + kOfAnElement) * tokens * hidden;
  }
  return work;
}

}  // namespace

void SelfAttention(const kernels::KernelSet& kernels, ThreadPool* pool, const AttentionShape& shape,
                   const float* qkv, std::span<const size_t> offsets,
                   std::vector<AttentionScratch>& scratch, float* context) {
  if (offsets.size() < 2) return;
  const size_t hidden = shape.heads * shape.head_size;
  const bool rounded = shape.rounded && shape.head_size <= kernels::kAttentionMostSize;
  const size_t units = (offsets.size() - 1) * shape.heads;
  const size_t threads = ThreadsFor(pool, MultiplyAdds(offsets, hidden));
  if (scratch.size() < threads) scratch.resize(threads);
  ForChunks(pool, units, threads, [&](size_t chunk, size_t begin, size_t end) {
    for (size_t unit = begin; unit < end; ++unit) {
      const size_t sequence = unit / shape.heads;
      const size_t column = unit % shape.heads * shape.head_size;
      const float* row = qkv + offsets[sequence] * 3 * hidden + column;
      const Head head{.queries = row,
                      .keys = row + hidden,
                      .values = row + 2 * hidden,
                      .context = context + offsets[sequence] * hidden + column,
                      .tokens = offsets[sequence + 1] - offsets[sequence],
                      .head_size = shape.head_size,
                      .stride = 3 * hidden,
                      .context_stride = hidden};
      if (rounded) {
        AttendRounded(kernels, head, scratch[chunk]);
      } else {
        Attend(kernels, head, scratch[chunk]);
      }
    }
  });
}

}  // namespace coderank::nn
