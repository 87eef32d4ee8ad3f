#include "nn/activation.h"

#include "base/strings.h"

namespace coderank::nn {
Result<Activation> FindActivation(const kernels::KernelSet& kernels, std::string_view name) {
  // transformers has several names for one function.
  for (const char* erf : {"gelu", "gelu_python"}) {
    if (name == erf) return kernels.gelu;
  }
  for (const char* tanh : {"gelu_new", "gelu_pytorch_tanh", "gelu_python_tanh", "gelu_fast"}) {
    if (name == tanh) return kernels.gelu_tanh;
  }
  if (name == "relu") return kernels.relu;
  if (name == "silu" || name == "swish") return kernels.silu;
  return InvalidArgument(
      StrCat("activation: expected gelu, gelu_new, gelu_pytorch_tanh, relu or silu, found \"", name,
             "\""));
}

}  // namespace coderank::nn
