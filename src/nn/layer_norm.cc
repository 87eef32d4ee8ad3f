#include "nn/layer_norm.h"

#include <utility>

#include "nn/parallel.h"

namespace coderank::nn {
namespace {

// An element of LayerNorm passes through memory three times: about this many multiply-adds.
constexpr size_t kWorkPerElement = 16;

}  // namespace

LayerNorm::LayerNorm(const kernels::KernelSet& kernels, std::vector<float> gamma,
                     std::vector<float> beta, float epsilon)
    : kernels_(&kernels), gamma_(std::move(gamma)), beta_(std::move(beta)), epsilon_(epsilon) {}

void LayerNorm::Forward(ThreadPool* pool, const float* x, const float* residual, size_t rows,
                        float* out) const {
  const size_t n = gamma_.size();
  const size_t threads = ThreadsFor(pool, rows * n * kWorkPerElement);
  ForChunks(pool, rows, threads, [&](size_t, size_t begin, size_t end) {
    kernels_->layer_norm(x + begin * n, residual == nullptr ? nullptr : residual + begin * n,
                         gamma_.data(), beta_.data(), epsilon_, end - begin, n, out + begin * n);
  });
}

}  // namespace coderank::nn
