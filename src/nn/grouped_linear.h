// Projections whose weights are quantised in groups, 8 or 4 bits each (kernels/grouped.h), and
// whose activations are quantised while they run: for decoders, whose weights fill the memory.
#pragma once

#include <cstddef>
#include <memory>

#include "kernels/grouped.h"
#include "kernels/kernel_set.h"
#include "nn/projection.h"

namespace coderank::nn {

// Views of memory that `owner` keeps alive.
struct GroupedParameters {
  size_t in;
  size_t out;
  bool gated;  // y = up * silu(gate): the weights are up's columns and then gate's, 2 * out
  kernels::GroupedWeights weights;
  std::shared_ptr<const void> owner;
};

class GroupedLinear : public Projection {
 public:
  GroupedLinear(const kernels::KernelSet& kernels, GroupedParameters parameters);

  void Forward(ThreadPool* pool, const float* x, size_t rows, float* y, ProjectionScratch& scratch,
               Activation activation = nullptr) const override;

 private:
  kernels::GroupedRows Quantize(ThreadPool* pool, const float* x, size_t rows,
                                ProjectionScratch& scratch) const;
  // y[rows, columns]
  void Multiply(ThreadPool* pool, const kernels::GroupedRows& quantized, size_t rows,
                size_t columns, float* y) const;

  const kernels::KernelSet* kernels_;
  GroupedParameters parameters_;
};

}  // namespace coderank::nn
