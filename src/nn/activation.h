// Activation functions by the names that model configurations use.
#pragma once

#include <string_view>

#include "coderank/result.h"
#include "kernels/kernel_set.h"
#include "nn/projection.h"

namespace coderank::nn {

// "gelu", "gelu_new", "gelu_pytorch_tanh", "relu", "silu"; kInvalidArgument for any other name.
Result<Activation> FindActivation(const kernels::KernelSet& kernels, std::string_view name);

}  // namespace coderank::nn
