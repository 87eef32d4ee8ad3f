// The operands of the rounded attention kernel: one head of one sequence.
//
//   context = softmax(q k^T / sqrt(head_size)) v
//
// Where products of bytes are exact (int8_levels of 255), Q, K, V and the probabilities are rounded
// to 8 bits: a key and a query with a scale each, channels of K and Q balanced beforehand and K
// without its mean, which softmax does not see; V with a scale a channel; the probabilities of 64
// keys in units of the largest of them. What their rounding adds or takes is made good with V's
// mean. Elsewhere all are rounded to 12-15 bits: seven would be too few. The products are exact in
// int32, and softmax is f32.
//
// Against int8 weights, attention adds an eighth to a vector's error in 8 bits and a hundredth in
// 16 (MiniLM).
//
// Plain structs: the kernels' translation units may not see inline functions (kernels_avx2.cc).
#pragma once

#include <cstddef>
#include <cstdint>

namespace coderank::kernels {

struct AttentionHead {
  const float* queries;  // [tokens, head_size] with row stride `stride`, as keys and values
  const float* keys;
  const float* values;
  float* context;  // [tokens, head_size] with row stride `context_stride`
  size_t tokens;
  size_t head_size;
  size_t stride;
  size_t context_stride;
};

inline constexpr size_t kAttentionMostSize = 1024;  // of a head

}  // namespace coderank::kernels
