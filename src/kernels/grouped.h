// The operands of products with weights quantised in groups of inputs, as decoders have them: 8 or
// 4 bits a weight, a scale (and with 4 bits a least value) for every 32 weights of a column.
//
//   activation x[m, k]  ~  scale[m, g] * q[m, k]                      q signed, -127 .. 127
//   weight     w[n, k]  ~  scale[n, g] * p[n, k]                      8 bits: p signed
//                          scale[n, g] * p[n, k] + least[n, g]        4 bits: p of 0 .. 15
//   g = k / 32
//   x w^T      =  sum_g scale[m, g] (scale[n, g] (sum_k q p) + least[n, g] (sum_k q)) + bias[n]
//
// The sums over the k of a group are exact in int32; those over the groups are f32, in their order.
// Groups make outliers harmless: what a large activation costs in precision stays among 32.
//
// Plain structs: the kernels' translation units may not see inline functions (kernels_avx2.cc).
#pragma once

#include <cstddef>
#include <cstdint>

namespace coderank::kernels {

inline constexpr size_t kGroupDepth = 32;
// As for int8 (int8.h): columns side by side, and bytes of a column that multiply together.
inline constexpr size_t kGroupedPanel = 16;
inline constexpr size_t kGroupedQuad = 4;

// A panel is 16 columns, its groups one after another. With 8 bits a group is [8 quads][16][4]
// bytes. With 4 bits it is [4][16][4]: the low halves of part i are quad i, the high ones quad
// i + 4.
inline constexpr size_t kGroupBytes8 = kGroupDepth * kGroupedPanel;
inline constexpr size_t kGroupBytes4 = kGroupBytes8 / 2;

struct GroupedWeights {
  int bits;                // 8 or 4
  const uint8_t* values;   // [columns / 16][groups][512 or 256 bytes], aligned to 64
  const uint16_t* scales;  // f16: 8 bits [columns / 16][groups][16]; 4 bits [..][groups][2][16],
                           // scale and least value
  const float* bias;       // [columns], or null
  size_t columns;          // padded to a multiple of 16 with zero scales
  size_t groups;           // the depth is padded with zero activations
};

struct GroupedRows {
  const int8_t* values;  // [rows, groups * 32]
  const float* scale;    // [rows, groups]
  const float* offset;   // [rows, groups]: scale * sum of the group's values
  const int32_t* sum;    // [rows, groups]: of the group's values
};

// Where a product goes: columns [first_panel * 16, last_panel * 16) of the weights.
struct GroupedOutput {
  float* c;  // [rows, n] with row stride ldc; column 0 of the whole output
  size_t ldc;
  size_t n;  // columns that exist: nothing beyond is written
  size_t first_panel;
  size_t last_panel;
};

}  // namespace coderank::kernels
