#include "nn/int8_linear.h"

#include <algorithm>
#include <utility>

#include "nn/parallel.h"

namespace coderank::nn {
namespace {

// Panels that stay together: a multiple of every set's register tile.
constexpr size_t kPanelStep = 4;
// An int8 multiply-add costs a quarter of an f32 one.
constexpr size_t kProductsPerMultiplyAdd = 4;

}  // namespace

Int8Linear::Int8Linear(const kernels::KernelSet& kernels, Int8Parameters parameters)
    : Projection(parameters.in, parameters.out),
      kernels_(&kernels),
      parameters_(std::move(parameters)) {}

kernels::Int8Rows Int8Linear::Quantize(const float* x, size_t rows,
                                       ProjectionScratch& scratch) const {
  const kernels::Int8Weights& weights = parameters_.weights;
  uint8_t* values = scratch.quantized.Reserve(rows * weights.depth);
  float* scale = scratch.scale.Reserve(rows);
  float* offset = scratch.offset.Reserve(rows);
  float* outliers = scratch.outliers.Reserve(std::max<size_t>(rows * weights.outlier_count, 1));
  for (size_t row = 0; row < rows; ++row) {
    const float* from = x + row * in();
    kernels_->quantize_row(from, parameters_.channel_scale.data(), in(), weights.depth,
                           kernels_->int8_levels, values + row * weights.depth, scale + row,
                           offset + row);
    for (size_t o = 0; o < weights.outlier_count; ++o) {
      outliers[row * weights.outlier_count + o] = from[parameters_.outlier_channels[o]];
    }
  }
  return {.values = values, .scale = scale, .offset = offset, .outliers = outliers};
}

void Int8Linear::Forward(ThreadPool* pool, const float* x, size_t rows, float* y,
                         ProjectionScratch& scratch, Activation activation) const {
  const kernels::Int8Weights& weights = parameters_.weights;
  const kernels::Int8Rows quantized = Quantize(x, rows, scratch);
  const auto gemm = parameters_.gated ? kernels_->gemm_int8_gated : kernels_->gemm_int8;
  const size_t columns_a_panel = parameters_.gated ? kernels::kInt8GatedGroup : kernels::kInt8Panel;
  const size_t panels = weights.columns / kernels::kInt8Panel;
  const size_t steps = (panels + kPanelStep - 1) / kPanelStep;
  const size_t work = rows * weights.depth * weights.columns / kProductsPerMultiplyAdd;
  ForChunks(pool, steps, ChunksFor(pool, work), [&](size_t, size_t first, size_t last) {
    const size_t first_panel = first * kPanelStep;
    const size_t last_panel = std::min(last * kPanelStep, panels);
    gemm(quantized, rows, weights,
         {.c = y, .ldc = out(), .n = out(), .first_panel = first_panel, .last_panel = last_panel});
    ApplyToColumns(activation, y, rows, out(), first_panel * columns_a_panel,
                   std::min(last_panel * columns_a_panel, out()));
  });
}

}  // namespace coderank::nn
