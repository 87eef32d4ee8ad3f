#include "nn/linear.h"

#include <algorithm>
#include <utility>

#include "nn/parallel.h"

namespace coderank::nn {

Linear::Linear(const kernels::KernelSet& kernels, std::span<const float> weight,
               std::vector<float> bias, size_t in, size_t out, size_t layer)
    : Projection(in, out),
      kernels_(&kernels),
      layer_(layer),
      packed_(packed_storage_.Reserve(kernels.PackedSize(out, in))),
      bias_(std::move(bias)) {
  kernels.pack_rows(weight.data(), in, out, in, packed_);
}

void Linear::Forward(ThreadPool* pool, const float* x, size_t rows, float* y,
                     ProjectionScratch& scratch, Activation activation) const {
  if (scratch.observer != nullptr) scratch.observer->Observe(layer_, x, rows, in());
  const size_t width = kernels_->panel_width;
  const size_t panels = (out() + width - 1) / width;
  ForChunks(pool, panels, ChunksFor(pool, rows * in() * out()),
            [&](size_t, size_t first_panel, size_t last_panel) {
              const size_t begin = first_panel * width;
              const size_t end = std::min(last_panel * width, out());
              kernels_->gemm(x, in(), packed_ + begin * in(),
                             bias_.empty() ? nullptr : bias_.data() + begin, y + begin, out(), rows,
                             end - begin, in());
              ApplyToColumns(activation, y, rows, out(), begin, end);
            });
}

GatedLinear::GatedLinear(const kernels::KernelSet& kernels, std::span<const float> up,
                         std::span<const float> gate, size_t in, size_t out, size_t layer)
    : Projection(in, out),
      kernels_(&kernels),
      up_(kernels, up, {}, in, out, layer),
      gate_(kernels, gate, {}, in, out, layer) {}

void GatedLinear::Forward(ThreadPool* pool, const float* x, size_t rows, float* y,
                          ProjectionScratch& scratch, Activation activation) const {
  float* gate = scratch.gate.Reserve(rows * out());
  up_.Forward(pool, x, rows, y, scratch);
  gate_.Forward(pool, x, rows, gate, scratch, kernels_->silu);
  kernels_->multiply(gate, rows * out(), y);
  if (activation != nullptr) activation(y, rows * out());
}

}  // namespace coderank::nn
