// Embedding: a table of vectors, in f32 or as f16 views of a packed model.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "kernels/kernel_set.h"

namespace coderank::nn {

// Immutable after construction, so thread-safe.
class Embedding {
 public:
  // `table` is [rows, n].
  Embedding(const kernels::KernelSet& kernels, std::vector<float> table, size_t n)
      : kernels_(&kernels), n_(n), table_(std::move(table)) {}
  // `owner` keeps the f16 table alive.
  Embedding(const kernels::KernelSet& kernels, std::span<const uint16_t> table, size_t n,
            std::shared_ptr<const void> owner)
      : kernels_(&kernels), n_(n), half_(table), owner_(std::move(owner)) {}

  // out[n] = the vector of `row`.
  void Read(size_t row, float* out) const {
    if (half_.empty()) {
      const float* from = table_.data() + row * n_;
      std::copy_n(from, n_, out);
    } else {
      kernels_->f16_to_f32(half_.data() + row * n_, n_, out);
    }
  }

 private:
  const kernels::KernelSet* kernels_;
  size_t n_;
  std::vector<float> table_;
  std::span<const uint16_t> half_;
  std::shared_ptr<const void> owner_;
};

}  // namespace coderank::nn
