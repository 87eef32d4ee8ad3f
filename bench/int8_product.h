// One int8 product of a linear layer's size, with operands of any content: what is timed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "kernels/int8.h"
#include "kernels/kernel_set.h"

namespace coderank::bench {

class Int8Product {
 public:
  // [rows, depth] x [columns, depth]^T; columns a multiple of 16, depth of 64; activations are of
  // 0 .. levels.
  Int8Product(size_t rows, size_t columns, size_t depth, int levels)
      : rows_(rows),
        columns_(columns),
        depth_(depth),
        values_(rows * depth),
        row_terms_(rows, 0.01F),
        column_terms_(columns, 0.01F),
        out_(rows * columns),
        panels_(static_cast<int8_t*>(std::aligned_alloc(64, columns * depth))) {
    for (size_t i = 0; i < values_.size(); ++i) {
      values_[i] = static_cast<uint8_t>(i * 31 % static_cast<size_t>(levels + 1));
    }
    for (size_t i = 0; i < columns * depth; ++i) {
      panels_.get()[i] = static_cast<int8_t>(static_cast<int>(i * 37 % 255) - 127);
    }
  }

  void Run(const kernels::KernelSet& set) {
    const kernels::Int8Rows rows{.values = values_.data(),
                                 .scale = row_terms_.data(),
                                 .offset = row_terms_.data(),
                                 .outliers = nullptr};
    const kernels::Int8Weights weights{.panels = panels_.get(),
                                       .scale = column_terms_.data(),
                                       .sum = column_terms_.data(),
                                       .bias = nullptr,
                                       .outliers = nullptr,
                                       .columns = columns_,
                                       .depth = depth_,
                                       .outlier_count = 0};
    set.gemm_int8(rows, rows_, weights,
                  {.c = out_.data(),
                   .ldc = columns_,
                   .n = columns_,
                   .first_panel = 0,
                   .last_panel = columns_ / kernels::kInt8Panel});
  }

  double operations() const {
    return 2.0 * static_cast<double>(rows_) * static_cast<double>(columns_) *
           static_cast<double>(depth_);
  }

 private:
  struct Free {
    void operator()(int8_t* p) const { std::free(p); }
  };

  size_t rows_, columns_, depth_;
  std::vector<uint8_t> values_;
  std::vector<float> row_terms_, column_terms_, out_;
  std::unique_ptr<int8_t, Free> panels_;
};

}  // namespace coderank::bench
