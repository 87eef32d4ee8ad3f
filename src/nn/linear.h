// The f32 projections, with the weights packed for one kernel set.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "kernels/kernel_set.h"
#include "nn/projection.h"

namespace coderank::nn {

// y = x W^T + b.
class Linear : public Projection {
 public:
  // `weight` is [out, in] f32 row-major; it is copied. `bias` is [out] or empty. `layer` names it
  // to an ActivationObserver.
  Linear(const kernels::KernelSet& kernels, std::span<const float> weight, std::vector<float> bias,
         size_t in, size_t out, size_t layer = 0);

  void Forward(ThreadPool* pool, const float* x, size_t rows, float* y, ProjectionScratch& scratch,
               Activation activation = nullptr) const override;

 private:
  const kernels::KernelSet* kernels_;
  size_t layer_;
  FloatBuffer packed_storage_;
  float* packed_;
  std::vector<float> bias_;
};

// y = (x Wup^T) * silu(x Wgate^T): the gated half of SwiGLU.
class GatedLinear : public Projection {
 public:
  // `up` and `gate` are [out, in].
  GatedLinear(const kernels::KernelSet& kernels, std::span<const float> up,
              std::span<const float> gate, size_t in, size_t out, size_t layer = 0);

  void Forward(ThreadPool* pool, const float* x, size_t rows, float* y, ProjectionScratch& scratch,
               Activation activation = nullptr) const override;

 private:
  const kernels::KernelSet* kernels_;
  Linear up_;
  Linear gate_;
};

}  // namespace coderank::nn
