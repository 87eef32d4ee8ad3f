// The operands of the int8 products: quantised activations times quantised weights.
//
//   activation x[m, k]  ~  scale[m] * q[m, k] + offset[m]       q unsigned, 0 .. levels
//   weight     w[n, k]  ~  scale[n] * p[n, k]                   p signed, -127 .. 127
//   x w^T      =  scale[m] scale[n] (sum_k q p)  +  offset[m] sum[n]  +  bias[n]
//                 + sum_o outlier[m, o] outlier_weight[o, n]
//
// The sum over k is exact in int32. `offset` is any real number (the row's minimum), so there is no
// zero point to round. A few input channels that would widen every row's range, the outliers, are
// kept out of the quantised product and multiplied in f32.
//
// Plain structs: the kernels' translation units may not see inline functions (kernels_avx2.cc).
#pragma once

#include <cstddef>
#include <cstdint>

namespace coderank::kernels {

// Columns of one panel of packed weights. One layout serves every set: a panel holds, for each
// group of four k, 16 columns x 4 bytes - one 512-bit register, two 256-bit ones, or a row of an
// AMX tile.
inline constexpr size_t kInt8Panel = 16;
inline constexpr size_t kInt8Group = 4;
// The depth is padded with zero weights to a multiple of this: the 64 bytes of an AMX tile's row.
inline constexpr size_t kInt8DepthStep = 64;
// Gated weights (x -> up * silu(gate)) alternate in groups of this many columns: 8 of up, 8 of gate
// in a panel.
inline constexpr size_t kInt8GatedGroup = 8;
// The int32 sum of so many products 255 * 127 cannot overflow.
inline constexpr size_t kInt8MaxDepth = 65536;

struct Int8Weights {
  const int8_t* panels;   // [columns / 16][depth / 4][16][4]
  const float* scale;     // [columns]
  const float* sum;       // [columns]: scale * sum of the column's bytes
  const float* bias;      // [columns], or null
  const float* outliers;  // [outlier_count, columns]
  size_t columns;         // padded to a multiple of 16; padding has scale 0
  size_t depth;           // padded to a multiple of 64
  size_t outlier_count;
};

struct Int8Rows {
  const uint8_t* values;  // [rows, depth]
  const float* scale;     // [rows]
  const float* offset;    // [rows]
  const float* outliers;  // [rows, outlier_count]
};

// Where a product goes: columns [first_panel * 16, last_panel * 16) of the weights.
struct Int8Output {
  float* c;  // [rows, n] with row stride ldc; column 0 of the whole output
  size_t ldc;
  size_t n;  // columns that exist: nothing beyond is written
  size_t first_panel;
  size_t last_panel;
};

}  // namespace coderank::kernels
