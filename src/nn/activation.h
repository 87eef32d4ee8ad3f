// Activation functions by the names that model configurations use, and the product of gated ones.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/thread_pool.h"
#include "coderank/result.h"
#include "kernels/kernel_set.h"
#include "nn/linear.h"

namespace coderank::nn {

// "gelu", "gelu_new", "gelu_pytorch_tanh", "relu", "silu"; kInvalidArgument for any other name.
Result<Activation> FindActivation(const kernels::KernelSet& kernels, std::string_view name);

// product[n] *= factor[n]: the gate of SwiGLU and its like.
void Multiply(ThreadPool* pool, const float* factor, size_t n, float* product);

}  // namespace coderank::nn
