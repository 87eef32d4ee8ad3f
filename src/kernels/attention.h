// The operands of the int16 attention kernel: one head of one sequence.
//
//   context = softmax(q k^T / sqrt(head_size)) v
//
// Q, K and V are rounded to 12-15 bits, with one scale a query row and one for all of K and of V,
// and so are the probabilities; the products are exact in int32. Twice as fast as f32 where the CPU
// multiplies 16-bit numbers in pairs, and ten times closer to f32 than int8 weights are.
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

// Queries whose scores are held at once: 56 x 512 x 4 = 115 kB stay in the second cache level. A
// multiple of the tile's 7 rows.
inline constexpr size_t kAttentionRows = 56;
inline constexpr size_t kAttentionMostSize = 1024;  // of a head
// Tokens and head size are padded to this in the memory below: a panel.
inline constexpr size_t kAttentionStep = 16;

// Memory for one call, aligned to 64 bytes; T and D are tokens and head_size, padded.
struct AttentionMemory {
  int16_t* keys;           // [T / 16][D / 2][16][2]
  int16_t* values;         // [D / 16][T / 2][16][2]
  int16_t* queries;        // [kAttentionRows, D]
  int16_t* probabilities;  // [kAttentionRows, T]
  float* scores;           // [kAttentionRows, T]
  float* row_scale;        // [kAttentionRows]
};

}  // namespace coderank::kernels
