// LayerNorm(x + residual) with weight and bias.
#pragma once

#include <cstddef>
#include <vector>

#include "base/thread_pool.h"
#include "kernels/kernel_set.h"

namespace coderank::nn {

// Immutable after construction, so thread-safe.
class LayerNorm {
 public:
  // `gamma` and `beta` are [n].
  LayerNorm(const kernels::KernelSet& kernels, std::vector<float> gamma, std::vector<float> beta,
            float epsilon);

  // out[rows, n]; `residual` may be null, `out` may be `x` or `residual`.
  void Forward(ThreadPool* pool, const float* x, const float* residual, size_t rows,
               float* out) const;

 private:
  const kernels::KernelSet* kernels_;
  std::vector<float> gamma_;
  std::vector<float> beta_;
  float epsilon_;
};

}  // namespace coderank::nn
