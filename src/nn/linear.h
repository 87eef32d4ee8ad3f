// y = x W^T + b, with the weights packed for one kernel set.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/thread_pool.h"
#include "kernels/kernel_set.h"
#include "nn/buffer.h"

namespace coderank::nn {

// Applied in place to n elements; null for none.
using Activation = void (*)(float* x, size_t n);

// Immutable after construction, so thread-safe.
class Linear {
 public:
  // `weight` is [out, in] f32 row-major; it is copied. `bias` is [out] or empty.
  Linear(const kernels::KernelSet& kernels, std::span<const float> weight, std::vector<float> bias,
         size_t in, size_t out);

  size_t in() const { return in_; }
  size_t out() const { return out_; }

  // y[rows, out] = activation(x[rows, in] W^T + b). `pool` null: on this thread alone.
  void Forward(ThreadPool* pool, const float* x, size_t rows, float* y,
               Activation activation = nullptr) const;

 private:
  const kernels::KernelSet* kernels_;
  size_t in_;
  size_t out_;
  FloatBuffer packed_storage_;
  float* packed_;
  std::vector<float> bias_;
};

}  // namespace coderank::nn
