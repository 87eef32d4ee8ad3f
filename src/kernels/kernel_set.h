// KernelSet: the kernels of one instruction set as a value, chosen once at start.
//
// Everything above this layer calls through a KernelSet; nothing above it knows an instruction
// set. The set `scalar` (reference/) is the specification: the others are tested against it.
// The kernels take raw pointers without alignment demands, allocate nothing and keep no state, so
// they may be called from any thread. Inputs are finite; a NaN or an infinity gives a result that
// is not finite, never a crash.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "coderank/result.h"
#include "kernels/attention.h"
#include "kernels/cpu_features.h"
#include "kernels/grouped.h"
#include "kernels/int8.h"
#include "kernels/scan.h"

namespace coderank::kernels {

struct KernelSet {
  const char* name;       // "scalar", "avx2", ... (kernel_set.cc)
  CpuFeatures required;   // what the CPU and the system must offer
  size_t panel_width;     // columns of B in one packed panel
  const char* gemm_tile;  // rows x columns of the register block, for reports

  // Packing of B for gemm: ceil(n / panel_width) panels of [k, panel_width] f32 in a row, columns
  // past n filled with zeros; PackedSize() floats in all.
  //   pack_rows:    B^T is given, [n, k] row-major with row stride ldb (a Linear's weight).
  //   pack_columns: B is given, [k, n] row-major with row stride ldb (attention's V).
  void (*pack_rows)(const float* b, size_t ldb, size_t n, size_t k, float* packed);
  void (*pack_columns)(const float* b, size_t ldb, size_t n, size_t k, float* packed);

  // C[m, n] = A[m, k] * B[k, n] + bias[n]; bias may be null. C does not overlap the inputs.
  // Every element is bias + a0*b0 + a1*b1 + ... in this order, whatever m and n are: a row's
  // result does not depend on the rows beside it, and a range of panels may be computed alone.
  void (*gemm)(const float* a, size_t lda, const float* packed, const float* bias, float* c,
               size_t ldc, size_t m, size_t n, size_t k);

  // out[rows, n] = normalised(x + residual) * gamma + beta per row, with the biased variance;
  // residual may be null, out may be x or residual.
  void (*layer_norm)(const float* x, const float* residual, const float* gamma, const float* beta,
                     float epsilon, size_t rows, size_t n, float* out);
  // out[rows, n] = x / sqrt(mean(x^2) + epsilon) * gamma per row; out may be x.
  void (*rms_norm)(const float* x, const float* gamma, float epsilon, size_t rows, size_t n,
                   float* out);
  // x = softmax(scale * x), scale > 0.
  void (*softmax)(float* x, size_t n, float scale);

  // In place. Error against exact arithmetic: at most 2e-7 * max(1, |x|).
  void (*gelu)(float* x, size_t n);       // x * Phi(x), the exact form (erf)
  void (*gelu_tanh)(float* x, size_t n);  // the tanh approximation ("gelu_new")
  void (*relu)(float* x, size_t n);
  void (*silu)(float* x, size_t n);  // x / (1 + exp(-x))

  void (*add)(const float* x, size_t n, float* sum);           // sum += x
  void (*multiply)(const float* x, size_t n, float* product);  // product *= x
  // In place for each head of x[heads, 2 * half] and each pair (a, b) = (x[i], x[half + i]):
  // (a cos[i] - b sin[i], b cos[i] + a sin[i]).
  void (*rotate)(const float* cos, const float* sin, size_t half, size_t heads, float* x);

  float (*dot)(const float* x, const float* y, size_t n);
  // The row holds IEEE binary16; the products are f32.
  float (*dot_f16)(const float* query, const uint16_t* row, size_t n);
  void (*f16_to_f32)(const uint16_t* in, size_t n, float* out);
  void (*f32_to_f16)(const float* in, size_t n, uint16_t* out);  // to nearest, ties to even

  // The int8 products (int8.h). The set's products are exact for activations of 0 .. int8_levels:
  // 255, or 127 where the instruction adds two products in int16.
  int int8_levels;
  // v = x[k] * channel_scale[k] becomes values[k] = round((v - offset) / scale) with offset the
  // least v and scale their range / levels; values [k, depth) are 0. A number that is not finite
  // makes scale and offset NaN.
  void (*quantize_row)(const float* x, const float* channel_scale, size_t k, size_t depth,
                       int levels, uint8_t* values, float* scale, float* offset);
  // output = rows * weights. Weights are aligned to 64 bytes. An element does not depend on the
  // rows beside it, and a range of panels may be computed alone.
  void (*gemm_int8)(const Int8Rows& rows, size_t row_count, const Int8Weights& weights,
                    const Int8Output& output);
  // The same for gated weights: half as many columns come out, up * silu(gate).
  void (*gemm_int8_gated)(const Int8Rows& rows, size_t row_count, const Int8Weights& weights,
                          const Int8Output& output);

  // head.context = softmax(q k^T / sqrt(head_size)) v, rounded as attention.h says. `memory` is
  // aligned to 64 bytes, attention_bytes() long, and written over. A number that is not finite
  // gives a context that is not.
  size_t (*attention_bytes)(size_t tokens, size_t head_size);
  void (*attend)(const AttentionHead& head, void* memory);

  // Scans of one query over many rows, exact (scan.h has the layouts).
  // dots[row] = sum over k of query[k] * rows[row * depth + k]. depth is a multiple of
  // kScanDepthStep, at most kScanMaxDepth; the query holds -127 .. 127, a row any byte.
  void (*dot_int8_rows)(const int8_t* query, const int8_t* rows, size_t row_count, size_t depth,
                        int32_t* dots);
  // distances[8 * group_count]: the bits in which a row differs from query[words]; a group is
  // [words, 8].
  void (*hamming_rows)(const uint64_t* query, const uint64_t* groups, size_t group_count,
                       size_t words, uint32_t* distances);

  // The products with grouped weights (grouped.h). One row of x[k] becomes values[groups * 32],
  // scale, offset and sum [groups]: values = round(x * 127 / the group's largest magnitude). A
  // number that is not finite makes its group's scale NaN.
  void (*quantize_groups)(const float* x, size_t k, size_t groups, int8_t* values, float* scale,
                          float* offset, int32_t* sum);
  // output = rows * weights. An element does not depend on the rows beside it, and a range of
  // panels may be computed alone.
  void (*gemm_grouped)(const GroupedRows& rows, size_t row_count, const GroupedWeights& weights,
                       const GroupedOutput& output);

  size_t PackedSize(size_t n, size_t k) const {
    return (n + panel_width - 1) / panel_width * panel_width * k;
  }
};

// All sets built into the program, from the most general to the fastest.
std::span<const KernelSet* const> AllKernelSets();

// The fastest set that `cpu` can run, or the one that `forced` names ("" = not forced).
// kInvalidArgument for a name that is not a set, kFailedPrecondition when the CPU lacks it.
Result<const KernelSet*> ChooseKernels(const CpuFeatures& cpu, std::string_view forced);

// ChooseKernels for this machine and the environment variable CODERANK_FORCE_ISA.
Result<const KernelSet*> ChooseKernels();

}  // namespace coderank::kernels
