#include "nn/activation.h"

#include "base/strings.h"

namespace coderank::nn {
Result<Activation> FindActivation(const kernels::KernelSet& kernels, std::string_view name) {
  if (name == "gelu") return kernels.gelu;
  if (name == "gelu_new" || name == "gelu_pytorch_tanh") return kernels.gelu_tanh;
  if (name == "relu") return kernels.relu;
  if (name == "silu") return kernels.silu;
  return InvalidArgument(
      StrCat("activation: expected gelu, gelu_new, gelu_pytorch_tanh, relu or silu, found \"", name,
             "\""));
}

}  // namespace coderank::nn
