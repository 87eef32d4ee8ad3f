// The int8 kernels of every set against the scalar reference.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <new>

#include "kernels/kernel_test_util.h"
#if defined(__x86_64__)
#include "kernels/amx_emulation_testing.h"
#endif

namespace coderank::kernels {
namespace {

// With the emulated tiles, whose kernel few machines can run.
std::vector<const KernelSet*> Int8Sets() {
  std::vector<const KernelSet*> sets = AvailableSets();
#if defined(__x86_64__)
  if (DetectCpuFeatures().Includes(AmxEmulatedSet().required)) sets.push_back(&AmxEmulatedSet());
#endif
  return sets;
}

class Int8Test : public ::testing::TestWithParam<const KernelSet*> {};
INSTANTIATE_TEST_SUITE_P(Sets, Int8Test, ::testing::ValuesIn(Int8Sets()), SetName);

struct Shape {
  size_t rows, columns, depth, outliers;
};

// Panels must start on a cache line.
struct FreeAligned {
  void operator()(int8_t* p) const { ::operator delete(p, std::align_val_t{64}); }
};

// A product with random bytes in all places: rows of 0 .. levels, weights of -127 .. 127.
class Problem {
 public:
  Problem(const Shape& shape, int levels, uint64_t seed) : shape_(shape) {
    RandomData random(seed);
    const auto byte = [&](int low, int high) {
      const auto span = static_cast<double>(high - low + 1);
      const double unit = std::fabs(static_cast<double>(random.Next())) * 1e4;
      return low + static_cast<int>(std::fmod(unit, span));
    };
    panels_.reset(static_cast<int8_t*>(
        ::operator new(std::max<size_t>(columns() * depth(), 1), std::align_val_t{64})));
    for (size_t i = 0; i < columns() * depth(); ++i) {
      panels_[i] = static_cast<int8_t>(byte(-127, 127));
    }
    for (size_t i = 0; i < shape.rows * depth(); ++i) {
      values_.push_back(static_cast<uint8_t>(byte(0, levels)));
    }
    scale_ = random.Vector(columns(), 0.01F);
    sum_ = random.Vector(columns());
    bias_ = random.Vector(columns());
    outlier_weights_ = random.Vector(columns() * shape.outliers);
    row_scale_ = random.Vector(shape.rows, 0.01F);
    row_offset_ = random.Vector(shape.rows);
    outliers_ = random.Vector(shape.rows * shape.outliers);
  }

  size_t columns() const { return (shape_.columns + kInt8Panel - 1) / kInt8Panel * kInt8Panel; }
  size_t depth() const {
    return (shape_.depth + kInt8DepthStep - 1) / kInt8DepthStep * kInt8DepthStep;
  }
  Int8Weights weights() const {
    return {.panels = panels_.get(),
            .scale = scale_.data(),
            .sum = sum_.data(),
            .bias = bias_.data(),
            .outliers = outlier_weights_.data(),
            .columns = columns(),
            .depth = depth(),
            .outlier_count = shape_.outliers};
  }
  Int8Rows rows() const {
    return {.values = values_.data(),
            .scale = row_scale_.data(),
            .offset = row_offset_.data(),
            .outliers = outliers_.data()};
  }

  // The output with two columns of padding on the right, which must stay as they are.
  std::vector<float> Multiply(const KernelSet& set, bool gated) const {
    const size_t n = gated ? (shape_.columns + 1) / 2 : shape_.columns;
    std::vector<float> c(shape_.rows * (n + 2), kPadding);
    const Int8Output output{.c = c.data(),
                            .ldc = n + 2,
                            .n = n,
                            .first_panel = 0,
                            .last_panel = columns() / kInt8Panel};
    (gated ? set.gemm_int8_gated : set.gemm_int8)(rows(), shape_.rows, weights(), output);
    return c;
  }
  void FillWith(uint8_t value, int8_t weight) {
    std::fill(values_.begin(), values_.end(), value);
    std::fill_n(panels_.get(), columns() * depth(), weight);
  }

  static constexpr float kPadding = 12345;

 private:
  Shape shape_;
  std::unique_ptr<int8_t[], FreeAligned> panels_;
  std::vector<uint8_t> values_;
  std::vector<float> scale_, sum_, bias_, outlier_weights_, row_scale_, row_offset_, outliers_;
};

// The terms of one element: the integer sum (exact, then rounded to f32), offset, bias, outliers.
// Each of the outliers + 4 operations rounds to f32; the terms are at most a few times the largest
// magnitude seen, for which depth * 127 * 127 * 1e-4 * 16 (four deviations each) stands.
double ElementTolerance(const Shape& shape) {
  const double integer = static_cast<double>(shape.depth + kInt8DepthStep) * 255 * 127 * 1e-4 * 16;
  const double rest = 32.0 + 16.0 * static_cast<double>(shape.outliers);
  return (static_cast<double>(shape.outliers) + 6) * kUnit * (integer + rest);
}

void ExpectMatches(const KernelSet& set, const Shape& shape, bool gated) {
  const Problem problem(shape, set.int8_levels,
                        shape.rows * 7919 + shape.columns * 31 + shape.depth);
  const std::vector<float> found = problem.Multiply(set, gated);
  const std::vector<float> expected = problem.Multiply(Reference(), gated);
  // A product of two elements, and the gate's own slope, scale the error.
  std::vector<double> tolerance(found.size(), ElementTolerance(shape));
  if (gated) {
    for (size_t i = 0; i < tolerance.size(); ++i) {
      tolerance[i] *= 4 * (1 + std::sqrt(std::fabs(static_cast<double>(expected[i]))));
    }
  }
  EXPECT_TRUE(AllWithin(found, expected, tolerance))
      << set.name << (gated ? " gated" : "") << " rows=" << shape.rows
      << " columns=" << shape.columns << " depth=" << shape.depth;
}

TEST_P(Int8Test, EveryRemainderOfRows) {
  for (size_t rows = 0; rows <= 70; ++rows) ExpectMatches(*GetParam(), {rows, 70, 64, 2}, false);
}

TEST_P(Int8Test, EveryRemainderOfColumns) {
  for (size_t n = 0; n <= 130; ++n) ExpectMatches(*GetParam(), {7, n, 64, 1}, false);
}

TEST_P(Int8Test, Depths) {
  for (const size_t depth : std::initializer_list<size_t>{0, 64, 128, 192, 384, 3072}) {
    ExpectMatches(*GetParam(), {13, 48, depth, 0}, false);
  }
}

TEST_P(Int8Test, Outliers) {
  for (size_t outliers = 0; outliers <= 16; ++outliers) {
    ExpectMatches(*GetParam(), {9, 80, 128, outliers}, false);
  }
}

TEST_P(Int8Test, GatedRowsAndColumns) {
  for (size_t rows = 0; rows <= 70; ++rows) ExpectMatches(*GetParam(), {rows, 96, 64, 2}, true);
  for (size_t n = 0; n <= 130; n += 2) ExpectMatches(*GetParam(), {7, n, 64, 1}, true);
}

// The largest bytes everywhere: an int16 sum that saturates (vpmaddubsw with 255 * 127 twice) would
// show here, and an int32 sum that overflows.
TEST_P(Int8Test, ExtremeBytesDoNotSaturate) {
  const KernelSet& set = *GetParam();
  for (const int weight : {127, -127}) {
    for (const size_t depth : {size_t{768}, kInt8MaxDepth}) {
      const Shape shape{7, 64, depth, 0};
      Problem problem(shape, set.int8_levels, 5);
      problem.FillWith(static_cast<uint8_t>(set.int8_levels), static_cast<int8_t>(weight));
      const std::vector<float> found = problem.Multiply(set, false);
      const std::vector<float> expected = problem.Multiply(Reference(), false);
      const std::vector<double> tolerance(found.size(), ElementTolerance(shape));
      EXPECT_TRUE(AllWithin(found, expected, tolerance)) << set.name << " depth " << depth;
    }
  }
}

TEST_P(Int8Test, PartsOfTheColumnsAreTheWhole) {
  const KernelSet& set = *GetParam();
  const Problem problem({11, 150, 128, 3}, set.int8_levels, 3);
  const std::vector<float> whole = problem.Multiply(set, false);
  std::vector<float> parts(whole.size(), Problem::kPadding);
  for (size_t panel = 0; panel < 10; panel += 3) {
    set.gemm_int8(problem.rows(), 11, problem.weights(),
                  {.c = parts.data(),
                   .ldc = 152,
                   .n = 150,
                   .first_panel = panel,
                   .last_panel = std::min<size_t>(panel + 3, 10)});
  }
  EXPECT_EQ(parts, whole);
}

struct QuantizedRow {
  std::vector<uint8_t> values;
  float scale = -1;
  float offset = -1;
};

QuantizedRow Quantize(const KernelSet& set, const std::vector<float>& x,
                      const std::vector<float>& channels, int levels) {
  const size_t depth = (x.size() + kInt8DepthStep) / kInt8DepthStep * kInt8DepthStep;
  QuantizedRow row{.values = std::vector<uint8_t>(depth, 77)};
  set.quantize_row(x.data(), channels.data(), x.size(), depth, levels, row.values.data(),
                   &row.scale, &row.offset);
  return row;
}

TEST_P(Int8Test, QuantizesEveryLengthAsTheReference) {
  RandomData random(11);
  for (size_t k = 1; k <= 130; ++k) {
    const std::vector<float> x = random.Vector(k, 3);
    std::vector<float> channels(k, 1);
    if (k > 4) channels[k / 2] = 0;
    for (const int levels : {127, 255}) {
      const QuantizedRow found = Quantize(*GetParam(), x, channels, levels);
      const QuantizedRow expected = Quantize(Reference(), x, channels, levels);
      EXPECT_EQ(found.values, expected.values) << k;
      EXPECT_EQ(found.scale, expected.scale) << k;
      EXPECT_EQ(found.offset, expected.offset) << k;
    }
  }
}

// Every value comes back within half a step: the meaning of the reference itself.
TEST_P(Int8Test, QuantizationKeepsValues) {
  RandomData random(12);
  const std::vector<float> x = random.Vector(200, 5);
  const QuantizedRow row = Quantize(*GetParam(), x, std::vector<float>(200, 1), 255);
  for (size_t i = 0; i < x.size(); ++i) {
    const float back = row.scale * static_cast<float>(row.values[i]) + row.offset;
    EXPECT_NEAR(back, x[i], row.scale * 0.5001) << i;
  }
  EXPECT_TRUE(
      std::all_of(row.values.begin() + 200, row.values.end(), [](uint8_t v) { return v == 0; }));
}

TEST_P(Int8Test, EqualValuesHaveNoRange) {
  const QuantizedRow row =
      Quantize(*GetParam(), std::vector<float>(50, -2.5F), std::vector<float>(50, 1), 255);
  EXPECT_EQ(row.scale, 0);
  EXPECT_EQ(row.offset, -2.5F);
}

TEST_P(Int8Test, NumbersThatAreNotFiniteShow) {
  for (const float bad : {NAN, INFINITY, -INFINITY}) {
    for (const size_t at : std::initializer_list<size_t>{0, 17, 49}) {
      std::vector<float> x(50, 1);
      x[at] = bad;
      const QuantizedRow row = Quantize(*GetParam(), x, std::vector<float>(50, 1), 255);
      EXPECT_TRUE(std::isnan(row.scale)) << bad << " at " << at;
      EXPECT_TRUE(std::isnan(row.offset)) << bad << " at " << at;
    }
  }
}

}  // namespace
}  // namespace coderank::kernels
