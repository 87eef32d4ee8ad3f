// The int8 projections against their formula in f64, within what rounding the activations may
// change, and the cutting of rows into blocks.
#include "nn/int8_linear.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "kernels/kernel_test_util.h"
#include "nn/row_blocks.h"

namespace coderank::nn {
namespace {

using kernels::AvailableSets;
using kernels::KernelSet;
using kernels::kInt8DepthStep;
using kernels::kInt8GatedGroup;
using kernels::kInt8Group;
using kernels::kInt8Panel;
using kernels::kUnit;
using kernels::RandomData;

struct Shape {
  size_t in, out, outliers;
  bool gated;
};

// A layer with random bytes for weights: the formula below uses what they stand for, so that the
// rounding of activations is the only difference.
class Layer {
 public:
  Layer(const Shape& shape, uint64_t seed) : shape_(shape) {
    RandomData random(seed);
    auto* panels = reinterpret_cast<int8_t*>(panels_.Reserve(columns() * depth()));
    std::fill_n(panels, columns() * depth(), int8_t{0});
    channel_scale_ = random.Vector(shape.in);
    for (float& scale : channel_scale_) scale = 0.5F + std::fabs(scale);
    for (size_t o = 0; o < shape.outliers; ++o) {
      outlier_channels_.push_back(static_cast<uint32_t>(o * shape.in / shape.outliers));
      channel_scale_[outlier_channels_.back()] = 0;
    }
    scale_.assign(columns(), 0);
    sum_.assign(columns(), 0);
    bias_.assign(columns(), 0);
    outlier_weights_.assign(columns() * shape.outliers, 0);
    for (size_t column = 0; column < columns(); ++column) {
      if (Output(column) >= shape.out) continue;
      FillColumn(random, column, panels);
    }
  }

  Int8Linear Make(const KernelSet& set) const {
    return {set,
            {.in = shape_.in,
             .out = shape_.out,
             .gated = shape_.gated,
             .weights = {.panels = Panels(),
                         .scale = scale_.data(),
                         .sum = sum_.data(),
                         .bias = bias_.data(),
                         .outliers = outlier_weights_.data(),
                         .columns = columns(),
                         .depth = depth(),
                         .outlier_count = shape_.outliers},
             .channel_scale = channel_scale_,
             .outlier_channels = outlier_channels_,
             .owner = nullptr}};
  }

  struct Element {
    double value;
    double tolerance;
  };
  // One column of the product, and by how much it may differ: each quantised activation is off by
  // half a step of its row, times the weight that meets it.
  Element Column(const float* x, size_t column, int levels) const {
    double value = bias_[column];
    double magnitude = std::fabs(value);
    double weights = 0;
    float low = 0;
    float high = 0;
    for (size_t k = 0; k < shape_.in; ++k) {
      const float v = x[k] * channel_scale_[k];
      low = k == 0 ? v : std::min(low, v);
      high = k == 0 ? v : std::max(high, v);
      const double w = static_cast<double>(scale_[column]) * Byte(column, k);
      value += v * w;
      magnitude += std::fabs(v * w);
      weights += std::fabs(w);
    }
    for (size_t o = 0; o < shape_.outliers; ++o) {
      const double term =
          static_cast<double>(x[outlier_channels_[o]]) * outlier_weights_[o * columns() + column];
      value += term;
      magnitude += std::fabs(term);
    }
    // The offset times the sum may be larger than what is left of it.
    magnitude += std::max(std::fabs(low), std::fabs(high)) * 2 * weights;
    const double step = (static_cast<double>(high) - low) / levels;
    const double roundings = static_cast<double>(shape_.outliers + 8) * kUnit * magnitude;
    return {.value = value, .tolerance = 0.5 * step * weights * 1.0001 + roundings};
  }

  // y[output] of one row.
  Element At(const float* x, size_t output, int levels) const {
    if (!shape_.gated) return Column(x, output, levels);
    const size_t up_column = output / kInt8GatedGroup * kInt8Panel + output % kInt8GatedGroup;
    const Element up = Column(x, up_column, levels);
    const Element gate = Column(x, up_column + kInt8GatedGroup, levels);
    const double silu = gate.value / (1 + std::exp(-gate.value));
    constexpr double kSteepest = 1.1;  // slope of silu
    return {.value = up.value * silu,
            .tolerance = up.tolerance * (std::fabs(silu) + kSteepest * gate.tolerance) +
                         std::fabs(up.value) * (kSteepest * gate.tolerance + 1e-6) + 1e-6};
  }

 private:
  size_t columns() const {
    const size_t group = shape_.gated ? kInt8GatedGroup : kInt8Panel;
    return (shape_.out + group - 1) / group * kInt8Panel;
  }
  size_t depth() const {
    return (shape_.in + kInt8DepthStep - 1) / kInt8DepthStep * kInt8DepthStep;
  }
  size_t Output(size_t column) const {
    if (!shape_.gated) return column;
    return column / kInt8Panel * kInt8GatedGroup + column % kInt8GatedGroup;
  }
  size_t Place(size_t column, size_t k) const {
    const size_t group = column / kInt8Panel * (depth() / kInt8Group) + k / kInt8Group;
    return (group * kInt8Panel + column % kInt8Panel) * kInt8Group + k % kInt8Group;
  }
  const int8_t* Panels() const { return reinterpret_cast<int8_t*>(panels_.Reserve(0)); }
  int Byte(size_t column, size_t k) const { return Panels()[Place(column, k)]; }

  void FillColumn(RandomData& random, size_t column, int8_t* panels) {
    int sum = 0;
    for (size_t k = 0; k < shape_.in; ++k) {
      if (channel_scale_[k] == 0) continue;
      const auto byte = static_cast<int8_t>(std::clamp(random.Next() * 50, -127.0F, 127.0F));
      panels[Place(column, k)] = byte;
      sum += byte;
    }
    scale_[column] = 0.001F * (1 + std::fabs(random.Next()));
    sum_[column] = scale_[column] * static_cast<float>(sum);
    bias_[column] = random.Next();
    for (size_t o = 0; o < shape_.outliers; ++o) {
      outlier_weights_[o * columns() + column] = random.Next();
    }
  }

  Shape shape_;
  mutable ByteBuffer panels_;  // aligned as the kernels want it
  std::vector<float> scale_, sum_, bias_, outlier_weights_, channel_scale_;
  std::vector<uint32_t> outlier_channels_;
};

std::vector<float> Forward(const Int8Linear& linear, ThreadPool* pool, const std::vector<float>& x,
                           Activation activation = nullptr) {
  const size_t rows = x.size() / linear.in();
  std::vector<float> y(rows * linear.out());
  ProjectionScratch scratch;
  linear.Forward(pool, x.data(), rows, y.data(), scratch, activation);
  return y;
}

class Int8LinearTest : public ::testing::TestWithParam<const KernelSet*> {};
INSTANTIATE_TEST_SUITE_P(Sets, Int8LinearTest, ::testing::ValuesIn(AvailableSets()),
                         kernels::SetName);

void ExpectFormula(const KernelSet& set, const Shape& shape, size_t rows) {
  const Layer layer(shape, shape.in * 31 + shape.out);
  const Int8Linear linear = layer.Make(set);
  std::vector<float> x = RandomData(rows).Vector(rows * shape.in);
  for (size_t row = 0; row < rows; ++row) x[row * shape.in] += 5;  // not centred
  const std::vector<float> y = Forward(linear, nullptr, x);
  for (size_t row = 0; row < rows; ++row) {
    for (size_t output = 0; output < shape.out; ++output) {
      const auto expected = layer.At(x.data() + row * shape.in, output, set.int8_levels);
      ASSERT_NEAR(y[row * shape.out + output], expected.value, expected.tolerance)
          << "row " << row << " output " << output << " of " << shape.in << " x " << shape.out;
    }
  }
}

TEST_P(Int8LinearTest, IsTheFormula) {
  for (const Shape shape : {Shape{1, 1, 0, false}, Shape{19, 45, 0, false}, Shape{64, 16, 1, false},
                            Shape{100, 33, 8, false}, Shape{384, 130, 16, false}}) {
    for (const size_t rows : {size_t{1}, size_t{5}, size_t{13}}) {
      ExpectFormula(*GetParam(), shape, rows);
    }
  }
}

TEST_P(Int8LinearTest, GatedIsTheFormula) {
  for (const Shape shape : {Shape{3, 1, 0, true}, Shape{19, 45, 0, true}, Shape{64, 8, 1, true},
                            Shape{100, 33, 8, true}, Shape{384, 130, 16, true}}) {
    for (const size_t rows : {size_t{1}, size_t{5}, size_t{13}}) {
      ExpectFormula(*GetParam(), shape, rows);
    }
  }
}

// Large enough for ThreadsFor to use every thread.
TEST_P(Int8LinearTest, SameBitsOnAnyNumberOfThreads) {
  for (const bool gated : {false, true}) {
    const Layer layer({200, 777, 8, gated}, 2);
    const Int8Linear linear = layer.Make(*GetParam());
    const std::vector<float> x = RandomData(3).Vector(size_t{64} * 200);
    const std::vector<float> serial = Forward(linear, nullptr, x, GetParam()->gelu);
    for (const size_t threads : {size_t{2}, size_t{3}, size_t{8}}) {
      ThreadPool pool(threads);
      EXPECT_EQ(Forward(linear, &pool, x, GetParam()->gelu), serial) << threads;
    }
  }
}

TEST_P(Int8LinearTest, ARowDoesNotDependOnTheOthers) {
  for (const bool gated : {false, true}) {
    const Layer layer({130, 70, 8, gated}, 4);
    const Int8Linear linear = layer.Make(*GetParam());
    constexpr size_t kRows = 29;
    std::vector<float> x = RandomData(5).Vector(kRows * 130);
    for (size_t i = 0; i < size_t{7} * 130; ++i) x[i] *= 1000;
    const std::vector<float> together = Forward(linear, nullptr, x);
    for (size_t row = 0; row < kRows; ++row) {
      const auto begin = x.begin() + static_cast<ptrdiff_t>(row * 130);
      const std::vector<float> alone = Forward(linear, nullptr, {begin, begin + 130});
      EXPECT_TRUE(std::equal(alone.begin(), alone.end(),
                             together.begin() + static_cast<ptrdiff_t>(row * 70)))
          << "row " << row;
    }
  }
}

// A constant row has a range of nothing; zeros are exact.
TEST_P(Int8LinearTest, ConstantRows) {
  const Layer layer({100, 40, 0, false}, 6);
  const Int8Linear linear = layer.Make(*GetParam());
  for (const float value : {0.0F, 1.0F, -3.0F}) {
    const std::vector<float> x(100, value);
    const std::vector<float> y = Forward(linear, nullptr, x);
    for (size_t output = 0; output < 40; ++output) {
      const auto expected = layer.At(x.data(), output, GetParam()->int8_levels);
      EXPECT_NEAR(y[output], expected.value, expected.tolerance);
    }
  }
}

TEST_P(Int8LinearTest, NoRowsIsNothing) {
  const Layer layer({10, 10, 0, false}, 7);
  EXPECT_TRUE(Forward(layer.Make(*GetParam()), nullptr, {}).empty());
}

// Every row in one block, and no block with memory that another one is using.
TEST(RowBlocksTest, CoverEveryRowOnce) {
  for (const size_t threads : std::initializer_list<size_t>{0, 1, 2, 3, 5, 8}) {
    std::unique_ptr<ThreadPool> pool;
    if (threads > 0) pool = std::make_unique<ThreadPool>(threads);
    std::vector<BlockScratch> scratch;
    for (const size_t rows : std::initializer_list<size_t>{0, 1, 31, 32, 63, 64, 95, 96, 97, 159,
                                                           160, 193, 256, 1000, 5001}) {
      std::vector<std::atomic<int>> seen(rows);
      std::mutex mutex;
      std::set<const BlockScratch*> busy;
      ForRowBlocks(pool.get(), rows, scratch, [&](const RowBlock& block) {
        {
          const std::lock_guard lock(mutex);
          EXPECT_TRUE(busy.insert(&block.scratch).second);
        }
        EXPECT_LE(block.rows, kBlockRows);
        for (size_t i = 0; i < block.rows; ++i) ++seen.at(block.begin + i);
        const std::lock_guard lock(mutex);
        busy.erase(&block.scratch);
      });
      EXPECT_TRUE(std::all_of(seen.begin(), seen.end(), [](const auto& n) { return n == 1; }))
          << rows << " rows on " << threads << " threads";
    }
  }
}

// Inside a block the threads are free only where the block has them all.
TEST(RowBlocksTest, ThePoolGoesToBlocksOrIntoThem) {
  ThreadPool pool(4);
  std::vector<BlockScratch> scratch;
  const auto pool_within = [&](size_t rows) {
    std::atomic<bool> within{false};
    ForRowBlocks(&pool, rows, scratch,
                 [&](const RowBlock& block) { within = block.pool != nullptr; });
    return within.load();
  };
  EXPECT_TRUE(pool_within(4 * kRowsWorthAThread - 1));
  EXPECT_FALSE(pool_within(4 * kRowsWorthAThread));
}

}  // namespace
}  // namespace coderank::nn
