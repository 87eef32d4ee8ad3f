// The products with grouped weights of every set against the scalar reference.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <new>

#include "kernels/kernel_test_util.h"

namespace coderank::kernels {
namespace {

class GroupedTest : public ::testing::TestWithParam<const KernelSet*> {};
INSTANTIATE_TEST_SUITE_P(Sets, GroupedTest, ::testing::ValuesIn(AvailableSets()), SetName);

struct Shape {
  size_t rows, columns, groups;
};

struct FreeAligned {
  void operator()(uint8_t* p) const { ::operator delete(p, std::align_val_t{64}); }
};

// A product with random bytes in all places, the extreme ones among them.
class Problem {
 public:
  Problem(const Shape& shape, int bits, uint64_t seed) : shape_(shape), bits_(bits) {
    RandomData random(seed);
    const auto byte = [&] {
      uint32_t raw = 0;
      const float number = random.Next() * 1e6F;
      std::memcpy(&raw, &number, sizeof(raw));
      return static_cast<uint8_t>(raw * 2654435761U >> 24);
    };
    const size_t panels = padded() / kGroupedPanel;
    const size_t bytes = panels * shape.groups * (bits == 8 ? kGroupBytes8 : kGroupBytes4);
    weights_.reset(static_cast<uint8_t*>(::operator new(bytes, std::align_val_t{64})));
    for (size_t i = 0; i < bytes; ++i) weights_[i] = bits == 8 && byte() == 0 ? 0x80 : byte();
    const std::vector<float> scales =
        random.Vector(panels * shape.groups * kGroupedPanel * (bits == 8 ? 1 : 2), 0.01F);
    scales_.resize(scales.size());
    Reference().f32_to_f16(scales.data(), scales.size(), scales_.data());
    bias_ = random.Vector(padded());
    for (size_t i = 0; i < shape.rows * shape.groups * kGroupDepth; ++i) {
      values_.push_back(static_cast<int8_t>(std::max<int>(-127, static_cast<int8_t>(byte()))));
    }
    scale_ = random.Vector(shape.rows * shape.groups, 0.01F);
    for (size_t i = 0; i < scale_.size(); ++i) {
      int32_t sum = 0;
      for (size_t k = 0; k < kGroupDepth; ++k) sum += values_[i * kGroupDepth + k];
      sum_.push_back(sum);
      offset_.push_back(scale_[i] * static_cast<float>(sum));
    }
  }

  size_t padded() const { return (shape_.columns + 15) / 16 * 16; }
  GroupedRows rows() const {
    return {.values = values_.data(),
            .scale = scale_.data(),
            .offset = offset_.data(),
            .sum = sum_.data()};
  }
  GroupedWeights weights() const {
    return {.bits = bits_,
            .values = weights_.get(),
            .scales = scales_.data(),
            .bias = bias_.data(),
            .columns = padded(),
            .groups = shape_.groups};
  }
  std::vector<float> Run(const KernelSet& set, size_t first_row, size_t rows) const {
    std::vector<float> c(rows * shape_.columns, -7);
    GroupedRows part = this->rows();
    part.values += first_row * shape_.groups * kGroupDepth;
    part.scale += first_row * shape_.groups;
    part.offset += first_row * shape_.groups;
    part.sum += first_row * shape_.groups;
    set.gemm_grouped(part, rows, weights(),
                     {.c = c.data(),
                      .ldc = shape_.columns,
                      .n = shape_.columns,
                      .first_panel = 0,
                      .last_panel = padded() / kGroupedPanel});
    return c;
  }
  // Rounding of the f32 additions: each group adds two terms in three roundings, below the sum of
  // the terms' magnitudes.
  std::vector<double> Tolerance() const {
    float largest = 0;
    for (const float v : scale_) largest = std::max(largest, std::fabs(v));
    const double term = largest * 0.05 * 128 * 127 * kGroupDepth + 4;  // scales stay below 0.05
    const auto groups = static_cast<double>(shape_.groups);
    return std::vector<double>(shape_.rows * shape_.columns, 3 * groups * kUnit * groups * term);
  }

 private:
  Shape shape_;
  int bits_;
  std::unique_ptr<uint8_t[], FreeAligned> weights_;
  std::vector<uint16_t> scales_;
  std::vector<float> bias_;
  std::vector<int8_t> values_;
  std::vector<float> scale_;
  std::vector<float> offset_;
  std::vector<int32_t> sum_;
};

// Every height of a tile and its remainders, ragged columns, one group and many.
constexpr Shape kShapes[] = {{1, 16, 1},  {1, 5, 3},    {2, 17, 2},  {3, 32, 4},
                             {4, 40, 1},  {5, 16, 5},   {7, 3, 2},   {11, 33, 3},
                             {12, 16, 2}, {13, 48, 40}, {25, 31, 7}, {40, 16, 1}};

TEST_P(GroupedTest, ProductsAreTheReferences) {
  uint64_t seed = 0;
  for (const int bits : {4, 8}) {
    for (const Shape& shape : kShapes) {
      const Problem problem(shape, bits, ++seed);
      EXPECT_TRUE(AllWithin(problem.Run(*GetParam(), 0, shape.rows),
                            problem.Run(Reference(), 0, shape.rows), problem.Tolerance()))
          << bits << " bits, " << shape.rows << " x " << shape.columns << " x " << shape.groups;
    }
  }
}

TEST_P(GroupedTest, ARowDoesNotDependOnTheOthers) {
  for (const int bits : {4, 8}) {
    const Shape shape{26, 35, 3};
    const Problem problem(shape, bits, 99);
    const std::vector<float> all = problem.Run(*GetParam(), 0, shape.rows);
    for (size_t row = 0; row < shape.rows; ++row) {
      const auto at = all.begin() + static_cast<ptrdiff_t>(row * shape.columns);
      EXPECT_EQ(problem.Run(*GetParam(), row, 1),
                std::vector<float>(at, at + static_cast<ptrdiff_t>(shape.columns)))
          << "row " << row << ", " << bits << " bits";
    }
  }
}

struct Groups {
  explicit Groups(size_t groups)
      : values(groups * kGroupDepth), scale(groups), offset(groups), sum(groups) {}
  void Quantize(const KernelSet& set, const std::vector<float>& x) {
    set.quantize_groups(x.data(), x.size(), scale.size(), values.data(), scale.data(),
                        offset.data(), sum.data());
  }
  std::vector<int8_t> values;
  std::vector<float> scale;
  std::vector<float> offset;
  std::vector<int32_t> sum;
};

TEST_P(GroupedTest, QuantisationGivesTheReferencesBytes) {
  for (size_t k = 1; k <= 130; ++k) {
    const std::vector<float> x = RandomData(k).Vector(k, 3);
    const size_t groups = (k + kGroupDepth - 1) / kGroupDepth;
    Groups found(groups);
    Groups expected(groups);
    found.Quantize(*GetParam(), x);
    expected.Quantize(Reference(), x);
    EXPECT_EQ(found.values, expected.values) << k;
    EXPECT_EQ(found.scale, expected.scale) << k;
    EXPECT_EQ(found.offset, expected.offset) << k;
    EXPECT_EQ(found.sum, expected.sum) << k;
    for (size_t i = 0; i < k; ++i) {
      const float scale = found.scale[i / kGroupDepth];
      EXPECT_LE(std::fabs(scale * found.values[i] - x[i]), scale * 0.5001F) << k << ", " << i;
    }
  }
}

TEST_P(GroupedTest, QuantisationOfZerosAndOfWhatIsNoNumber) {
  std::vector<float> x(3 * kGroupDepth, 0.0F);
  x[40] = NAN;
  x[70] = INFINITY;
  Groups found(3);
  found.Quantize(*GetParam(), x);
  EXPECT_EQ(found.scale[0], 0);
  EXPECT_EQ(found.sum[0], 0);
  EXPECT_TRUE(std::isnan(found.scale[1]));
  EXPECT_TRUE(std::isnan(found.scale[2]));
}

}  // namespace
}  // namespace coderank::kernels
