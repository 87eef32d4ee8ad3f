// The int8 projections: weights quantised when the model was packed, activations row by row while
// it runs (kernels/int8.h has the arithmetic).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "kernels/int8.h"
#include "kernels/kernel_set.h"
#include "nn/projection.h"

namespace coderank::nn {

// Views of a packed model's memory, which `owner` keeps alive.
struct Int8Parameters {
  size_t in;
  size_t out;
  bool gated;  // y = up * silu(gate), columns alternating as kernels::kInt8GatedGroup says
  kernels::Int8Weights weights;
  // [in]: what a channel is multiplied with before it is quantised; 0 for an outlier channel.
  std::span<const float> channel_scale;
  std::span<const uint32_t> outlier_channels;  // [weights.outlier_count], below `in`
  std::shared_ptr<const void> owner;
};

class Int8Linear : public Projection {
 public:
  Int8Linear(const kernels::KernelSet& kernels, Int8Parameters parameters);

  void Forward(ThreadPool* pool, const float* x, size_t rows, float* y, ProjectionScratch& scratch,
               Activation activation = nullptr) const override;

 private:
  kernels::Int8Rows Quantize(const float* x, size_t rows, ProjectionScratch& scratch) const;

  const kernels::KernelSet* kernels_;
  Int8Parameters parameters_;
};

}  // namespace coderank::nn
