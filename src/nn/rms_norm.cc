#include "nn/rms_norm.h"

#include <utility>

#include "nn/parallel.h"

namespace coderank::nn {
namespace {

// An element passes through memory twice: about this many multiply-adds.
constexpr size_t kWorkPerElement = 8;

}  // namespace

RmsNorm::RmsNorm(const kernels::KernelSet& kernels, std::vector<float> gamma, float epsilon)
    : kernels_(&kernels), gamma_(std::move(gamma)), epsilon_(epsilon) {}

void RmsNorm::Forward(ThreadPool* pool, const float* x, size_t rows, float* out) const {
  const size_t n = gamma_.size();
  const size_t threads = ThreadsFor(pool, rows * n * kWorkPerElement);
  ForChunks(pool, rows, threads, [&](size_t, size_t begin, size_t end) {
    kernels_->rms_norm(x + begin * n, gamma_.data(), epsilon_, end - begin, n, out + begin * n);
  });
}

}  // namespace coderank::nn
