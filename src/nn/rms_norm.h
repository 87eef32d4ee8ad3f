// RMSNorm: x / sqrt(mean(x^2) + epsilon), with a weight.
#pragma once

#include <cstddef>
#include <vector>

#include "base/thread_pool.h"
#include "kernels/kernel_set.h"

namespace coderank::nn {

// Immutable after construction, so thread-safe.
class RmsNorm {
 public:
  // `gamma` is [n].
  RmsNorm(const kernels::KernelSet& kernels, std::vector<float> gamma, float epsilon);

  // out[rows, n]; `out` may be `x`.
  void Forward(ThreadPool* pool, const float* x, size_t rows, float* out) const;

 private:
  const kernels::KernelSet* kernels_;
  std::vector<float> gamma_;
  float epsilon_;
};

}  // namespace coderank::nn
