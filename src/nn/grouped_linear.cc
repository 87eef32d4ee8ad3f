#include "nn/grouped_linear.h"

#include <algorithm>
#include <utility>

#include "nn/parallel.h"

namespace coderank::nn {
namespace {

// Multiply-adds that cost as much as one of f32: a row alone is bound by the memory, where a byte
// of weights counts as one f32 multiply-add.
constexpr size_t kProductsPerMultiplyAdd = 2;
// An activation passes through memory three times while it is quantised.
constexpr size_t kWorkPerActivation = 8;

}  // namespace

GroupedLinear::GroupedLinear(const kernels::KernelSet& kernels, GroupedParameters parameters)
    : Projection(parameters.in, parameters.out),
      kernels_(&kernels),
      parameters_(std::move(parameters)) {}

kernels::GroupedRows GroupedLinear::Quantize(ThreadPool* pool, const float* x, size_t rows,
                                             ProjectionScratch& scratch) const {
  const size_t groups = parameters_.weights.groups;
  const size_t depth = groups * kernels::kGroupDepth;
  auto* values = reinterpret_cast<int8_t*>(scratch.quantized.Reserve(rows * depth));
  float* scale = scratch.scale.Reserve(rows * groups);
  float* offset = scratch.offset.Reserve(rows * groups);
  int32_t* sum = scratch.sums.Reserve(rows * groups);
  const size_t threads = ThreadsFor(pool, rows * depth * kWorkPerActivation);
  ForChunks(pool, rows, threads, [&](size_t, size_t begin, size_t end) {
    for (size_t row = begin; row < end; ++row) {
      kernels_->quantize_groups(x + row * in(), in(), groups, values + row * depth,
                                scale + row * groups, offset + row * groups, sum + row * groups);
    }
  });
  return {.values = values, .scale = scale, .offset = offset, .sum = sum};
}

void GroupedLinear::Multiply(ThreadPool* pool, const kernels::GroupedRows& quantized, size_t rows,
                             size_t columns, float* y) const {
  const kernels::GroupedWeights& weights = parameters_.weights;
  const size_t panels = weights.columns / kernels::kGroupedPanel;
  const size_t work = rows * in() * columns / kProductsPerMultiplyAdd;
  ForChunks(pool, panels, ChunksFor(pool, work), [&](size_t, size_t first, size_t last) {
    kernels_->gemm_grouped(
        quantized, rows, weights,
        {.c = y, .ldc = columns, .n = columns, .first_panel = first, .last_panel = last});
  });
}

void GroupedLinear::Forward(ThreadPool* pool, const float* x, size_t rows, float* y,
                            ProjectionScratch& scratch, Activation activation) const {
  const kernels::GroupedRows quantized = Quantize(pool, x, rows, scratch);
  if (!parameters_.gated) {
    Multiply(pool, quantized, rows, out(), y);
    if (activation != nullptr) activation(y, rows * out());
    return;
  }
  float* both = scratch.gate.Reserve(rows * 2 * out());  // [rows, up and gate]
  Multiply(pool, quantized, rows, 2 * out(), both);
  const size_t threads = ThreadsFor(pool, rows * out() * kWorkPerActivation);
  ForChunks(pool, rows, threads, [&](size_t, size_t begin, size_t end) {
    for (size_t row = begin; row < end; ++row) {
      float* up = both + row * 2 * out();
      kernels_->silu(up + out(), out());
      kernels_->multiply(up + out(), out(), up);
      std::copy_n(up, out(), y + row * out());
    }
  });
  if (activation != nullptr) activation(y, rows * out());
}

}  // namespace coderank::nn
