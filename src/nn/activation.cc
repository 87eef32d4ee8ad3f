#include "nn/activation.h"

#include "base/strings.h"
#include "nn/parallel.h"

namespace coderank::nn {
namespace {

// A product passes through memory three times: about this many multiply-adds.
constexpr size_t kWorkPerElement = 4;

}  // namespace

Result<Activation> FindActivation(const kernels::KernelSet& kernels, std::string_view name) {
  if (name == "gelu") return kernels.gelu;
  if (name == "gelu_new" || name == "gelu_pytorch_tanh") return kernels.gelu_tanh;
  if (name == "relu") return kernels.relu;
  if (name == "silu") return kernels.silu;
  return InvalidArgument(
      StrCat("activation: expected gelu, gelu_new, gelu_pytorch_tanh, relu or silu, found \"", name,
             "\""));
}

void Multiply(ThreadPool* pool, const float* factor, size_t n, float* product) {
  ForChunks(pool, n, ThreadsFor(pool, n * kWorkPerElement), [&](size_t, size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) product[i] *= factor[i];
  });
}

}  // namespace coderank::nn
