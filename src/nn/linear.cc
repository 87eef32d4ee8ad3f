#include "nn/linear.h"

#include <algorithm>
#include <utility>

#include "nn/parallel.h"

namespace coderank::nn {

Linear::Linear(const kernels::KernelSet& kernels, std::span<const float> weight,
               std::vector<float> bias, size_t in, size_t out)
    : kernels_(&kernels),
      in_(in),
      out_(out),
      packed_(packed_storage_.Reserve(kernels.PackedSize(out, in))),
      bias_(std::move(bias)) {
  kernels.pack_rows(weight.data(), in, out, in, packed_);
}

void Linear::Forward(ThreadPool* pool, const float* x, size_t rows, float* y,
                     Activation activation) const {
  const size_t width = kernels_->panel_width;
  const size_t panels = (out_ + width - 1) / width;
  // Two pieces a thread: a thread that the system interrupts delays half a share only.
  const size_t threads = ThreadsFor(pool, rows * in_ * out_);
  const size_t chunks = threads == 1 ? 1 : 2 * threads;
  ForChunks(pool, panels, chunks, [&](size_t, size_t first_panel, size_t last_panel) {
    const size_t begin = first_panel * width;
    const size_t end = std::min(last_panel * width, out_);
    kernels_->gemm(x, in_, packed_ + begin * in_, bias_.empty() ? nullptr : bias_.data() + begin,
                   y + begin, out_, rows, end - begin, in_);
    if (activation == nullptr) return;
    for (size_t row = 0; row < rows; ++row) activation(y + row * out_ + begin, end - begin);
  });
}

}  // namespace coderank::nn
