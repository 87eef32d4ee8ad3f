// Every row kernel of every set against the scalar reference: all lengths 0..130 at every offset
// from 16-byte alignment, with a guard behind the row.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "kernels/kernel_test_util.h"

namespace coderank::kernels {
namespace {

constexpr size_t kMaxLength = 130;
constexpr size_t kOffsets = 4;  // in floats
constexpr float kGuard = 777;

class RowsTest : public ::testing::TestWithParam<const KernelSet*> {};
INSTANTIATE_TEST_SUITE_P(Sets, RowsTest, ::testing::ValuesIn(AvailableSets()), SetName);

// Calls check(row, offset) for every length and offset, row being `length` values of about +-4.
template <typename Check>
void ForAllRows(Check check) {
  for (size_t n = 0; n <= kMaxLength; ++n) {
    for (size_t offset = 0; offset < kOffsets; ++offset) {
      RandomData random(n * 31 + offset);
      check(random.Vector(n, 2), offset);
    }
  }
}

// The row after `kernel` ran on it at an offset of its allocation; the guard must stay.
template <typename Kernel>
std::vector<float> RunInPlace(const std::vector<float>& row, size_t offset, Kernel kernel) {
  std::vector<float> memory(offset + row.size() + 1, kGuard);
  std::copy(row.begin(), row.end(), memory.begin() + static_cast<ptrdiff_t>(offset));
  kernel(memory.data() + offset);
  EXPECT_EQ(memory.back(), kGuard) << "wrote past the end, length " << row.size();
  return {memory.begin() + static_cast<ptrdiff_t>(offset), memory.end() - 1};
}

using Activation = void (*KernelSet::*)(float*, size_t);

// The stated accuracy of the activations, plus the reference's rounding.
std::vector<double> ActivationTolerance(const std::vector<float>& x) {
  std::vector<double> tolerance;
  tolerance.reserve(x.size());
  for (const float v : x) {
    tolerance.push_back((2e-7 + kUnit) * std::max(1.0, std::fabs(static_cast<double>(v))));
  }
  return tolerance;
}

void CheckActivation(const KernelSet& set, Activation activation) {
  ForAllRows([&](const std::vector<float>& row, size_t offset) {
    const auto found = RunInPlace(row, offset, [&](float* x) { (set.*activation)(x, row.size()); });
    const auto expected =
        RunInPlace(row, 0, [&](float* x) { (Reference().*activation)(x, row.size()); });
    EXPECT_TRUE(AllWithin(found, expected, ActivationTolerance(row)));
  });
}

// Every 4096th f32 from 2^-30 to 3e4, both signs.
void SweepActivation(const KernelSet& set, Activation activation) {
  std::vector<float> x{0.0F, -0.0F};
  for (uint32_t bits = std::bit_cast<uint32_t>(0x1p-30F); bits < std::bit_cast<uint32_t>(3e4F);
       bits += 4096) {
    x.push_back(std::bit_cast<float>(bits));
    x.push_back(-x.back());
  }
  std::vector<float> found = x;
  std::vector<float> expected = x;
  (set.*activation)(found.data(), x.size());
  (Reference().*activation)(expected.data(), x.size());
  EXPECT_TRUE(AllWithin(found, expected, ActivationTolerance(x)));
}

TEST_P(RowsTest, Gelu) {
  CheckActivation(*GetParam(), &KernelSet::gelu);
  SweepActivation(*GetParam(), &KernelSet::gelu);
}
TEST_P(RowsTest, GeluTanh) {
  CheckActivation(*GetParam(), &KernelSet::gelu_tanh);
  SweepActivation(*GetParam(), &KernelSet::gelu_tanh);
}
TEST_P(RowsTest, Silu) {
  CheckActivation(*GetParam(), &KernelSet::silu);
  SweepActivation(*GetParam(), &KernelSet::silu);
}
TEST_P(RowsTest, Relu) {
  CheckActivation(*GetParam(), &KernelSet::relu);
  SweepActivation(*GetParam(), &KernelSet::relu);
}

// An element's result does not depend on its place in a vector or a tail.
TEST_P(RowsTest, ActivationsDoNotDependOnThePlace) {
  for (const Activation activation :
       {&KernelSet::gelu, &KernelSet::gelu_tanh, &KernelSet::silu, &KernelSet::relu}) {
    for (const float v : {-3.1F, -0.2F, 0.7F, 2.9F}) {
      float alone = v;
      (GetParam()->*activation)(&alone, 1);
      std::vector<float> many(67, v);
      (GetParam()->*activation)(many.data(), many.size());
      for (const float x : many) EXPECT_EQ(std::bit_cast<int>(x), std::bit_cast<int>(alone));
    }
  }
}

// exp has a relative error of 2e-7, and 2 |argument| units from rounding the argument; the sum
// adds n units, the division and the reference two.
TEST_P(RowsTest, Softmax) {
  for (const float scale : {0.25F, 1.0F, 30.0F}) {
    ForAllRows([&](const std::vector<float>& row, size_t offset) {
      const auto run = [&](const KernelSet& set, size_t at) {
        return RunInPlace(row, at, [&](float* x) { set.softmax(x, row.size(), scale); });
      };
      const auto expected = run(Reference(), 0);
      std::vector<double> tolerance;
      const float largest = row.empty() ? 0 : *std::max_element(row.begin(), row.end());
      for (size_t i = 0; i < row.size(); ++i) {
        const double argument = scale * std::fabs(static_cast<double>(row[i]) - largest);
        const double relative = 4e-7 + kUnit * (2 * argument + static_cast<double>(row.size()) + 2);
        tolerance.push_back(relative * expected[i] + 1.3e-38);  // exp(-87.3): the floor
      }
      EXPECT_TRUE(AllWithin(run(*GetParam(), offset), expected, tolerance)) << "scale " << scale;
    });
  }
}

// The mean and the variance are sums of n terms: n + 4 units of the largest magnitude of
// x + residual, taken through the division by the standard deviation and gamma.
TEST_P(RowsTest, LayerNorm) {
  constexpr float kEpsilon = 1e-5F;
  for (size_t n = 1; n <= kMaxLength; ++n) {
    for (const bool with_residual : {false, true}) {
      RandomData random(n);
      const size_t rows = 3;
      const auto x = random.Vector(rows * n + 1, 2);
      const auto residual = random.Vector(rows * n + 1);
      const auto gamma = random.Vector(n + 1);
      const auto beta = random.Vector(n + 1);
      const auto run = [&](const KernelSet& set) {
        std::vector<float> out(rows * n + 1, kGuard);
        set.layer_norm(x.data() + 1, with_residual ? residual.data() + 1 : nullptr,
                       gamma.data() + 1, beta.data() + 1, kEpsilon, rows, n, out.data());
        EXPECT_EQ(out.back(), kGuard);
        out.pop_back();
        return out;
      };
      std::vector<double> tolerance;
      for (size_t row = 0; row < rows; ++row) {
        double sum = 0;
        double squares = 0;
        double largest = 0;
        for (size_t i = 1; i <= n; ++i) {
          const double v = x[row * n + i] + (with_residual ? residual[row * n + i] : 0.0F);
          sum += v;
          squares += v * v;
          largest = std::max(largest, std::fabs(v));
        }
        const double mean = sum / static_cast<double>(n);
        const double variance = std::max(0.0, squares / static_cast<double>(n) - mean * mean);
        const double deviation = std::sqrt(variance + kEpsilon);
        const double unit = static_cast<double>(n + 4) * kUnit * largest / deviation;
        for (size_t i = 0; i < n; ++i) {
          const double normalised = (largest + std::fabs(mean)) / deviation;
          tolerance.push_back((2 * unit + unit * normalised) * std::fabs(gamma[1 + i]) +
                              2 * kUnit * std::fabs(beta[1 + i]) + 1e-30);
        }
      }
      EXPECT_TRUE(AllWithin(run(*GetParam()), run(Reference()), tolerance)) << "n=" << n;
    }
  }
}

TEST_P(RowsTest, LayerNormInPlace) {
  RandomData random(9);
  const auto x = random.Vector(74);  // 2 rows of 37
  const auto gamma = random.Vector(37);
  std::vector<float> apart(74);
  GetParam()->layer_norm(x.data(), x.data(), gamma.data(), gamma.data(), 1e-12F, 2, 37,
                         apart.data());
  std::vector<float> in_place = x;
  GetParam()->layer_norm(in_place.data(), in_place.data(), gamma.data(), gamma.data(), 1e-12F, 2,
                         37, in_place.data());
  EXPECT_EQ(apart, in_place);
}

TEST_P(RowsTest, AddIsExact) {
  ForAllRows([&](const std::vector<float>& row, size_t offset) {
    RandomData random(row.size());
    const auto x = random.Vector(row.size());
    const auto found =
        RunInPlace(row, offset, [&](float* sum) { GetParam()->add(x.data(), x.size(), sum); });
    for (size_t i = 0; i < row.size(); ++i) EXPECT_EQ(found[i], row[i] + x[i]);
  });
}

TEST_P(RowsTest, MultiplyIsExact) {
  ForAllRows([&](const std::vector<float>& row, size_t offset) {
    RandomData random(row.size());
    const auto x = random.Vector(row.size());
    const auto found = RunInPlace(
        row, offset, [&](float* product) { GetParam()->multiply(x.data(), x.size(), product); });
    for (size_t i = 0; i < row.size(); ++i) EXPECT_EQ(found[i], row[i] * x[i]);
  });
}

// Two products and a sum, each rounded, of magnitudes below |a| + |b|.
TEST_P(RowsTest, RotateIsTheFormula) {
  for (size_t half = 1; half <= 40; ++half) {
    RandomData random(half);
    const auto cosines = random.Vector(half, 0.3F);
    const auto sines = random.Vector(half, 0.3F);
    auto found = random.Vector(6 * half + 1);
    auto expected = found;
    GetParam()->rotate(cosines.data(), sines.data(), half, 3, found.data());
    Reference().rotate(cosines.data(), sines.data(), half, 3, expected.data());
    const std::vector<double> tolerance(found.size(), 3 * kUnit * 8);
    EXPECT_TRUE(AllWithin(found, expected, tolerance)) << half;
  }
}

// A sum of n products in any order: n units of the sum of magnitudes, one for the reference.
TEST_P(RowsTest, DotProducts) {
  ForAllRows([&](const std::vector<float>& row, size_t offset) {
    RandomData random(row.size() + 1000);
    const auto x = random.Vector(row.size() + offset);
    std::vector<uint16_t> half(row.size() + offset);
    Reference().f32_to_f16(x.data(), x.size(), half.data());
    double magnitude = 0;
    for (size_t i = 0; i < row.size(); ++i) {
      magnitude += 1.001 * std::fabs(static_cast<double>(row[i]) * x[offset + i]);
    }
    const double tolerance = static_cast<double>(row.size() + 1) * kUnit * magnitude;
    const size_t n = row.size();
    EXPECT_NEAR(GetParam()->dot(row.data(), x.data() + offset, n),
                Reference().dot(row.data(), x.data() + offset, n), tolerance);
    EXPECT_NEAR(GetParam()->dot_f16(row.data(), half.data() + offset, n),
                Reference().dot_f16(row.data(), half.data() + offset, n), tolerance);
  });
}

TEST_P(RowsTest, EveryHalfBecomesTheSameFloat) {
  std::vector<uint16_t> halves(65536);
  for (size_t i = 0; i < halves.size(); ++i) halves[i] = static_cast<uint16_t>(i);
  std::vector<float> found(halves.size());
  std::vector<float> expected(halves.size());
  GetParam()->f16_to_f32(halves.data(), halves.size(), found.data());
  Reference().f16_to_f32(halves.data(), halves.size(), expected.data());
  EXPECT_EQ(0, std::memcmp(found.data(), expected.data(), found.size() * sizeof(float)));
}

// All halves, the middles between neighbours and the floats beside them, both signs.
TEST_P(RowsTest, FloatsRoundToTheSameHalf) {
  std::vector<float> x;
  for (uint16_t half = 0; half < 0x7c00; ++half) {
    const uint16_t pair[2] = {half, static_cast<uint16_t>(half + 1)};
    float values[2];
    Reference().f16_to_f32(pair, 2, values);
    if (std::isinf(values[1])) values[1] = 65536;
    const float middle = (values[0] + values[1]) / 2;
    for (const float v :
         {values[0], middle, std::nextafter(middle, 0.0F), std::nextafter(middle, 1e9F)}) {
      x.push_back(v);
      x.push_back(-v);
    }
  }
  const float inf = std::numeric_limits<float>::infinity();
  for (const float v : {inf, -inf, 1e30F, 65519.9F, 65520.0F, 1e-30F, 0x1p-25F, 0x1.1p-25F}) {
    x.push_back(v);
  }
  x.push_back(std::numeric_limits<float>::quiet_NaN());
  std::vector<uint16_t> found(x.size());
  std::vector<uint16_t> expected(x.size());
  GetParam()->f32_to_f16(x.data(), x.size(), found.data());
  Reference().f32_to_f16(x.data(), x.size(), expected.data());
  EXPECT_EQ(found, expected);
}

TEST_P(RowsTest, HalfConversionOfEveryLength) {
  ForAllRows([&](const std::vector<float>& row, size_t offset) {
    std::vector<uint16_t> found(row.size() + offset + 1, 0x1234);
    std::vector<uint16_t> expected(row.size());
    GetParam()->f32_to_f16(row.data(), row.size(), found.data() + offset);
    Reference().f32_to_f16(row.data(), row.size(), expected.data());
    EXPECT_EQ(found.back(), 0x1234);
    EXPECT_TRUE(std::equal(expected.begin(), expected.end(),
                           found.begin() + static_cast<ptrdiff_t>(offset)));
    std::vector<float> back(row.size() + 1, kGuard);
    GetParam()->f16_to_f32(found.data() + offset, row.size(), back.data());
    EXPECT_EQ(back.back(), kGuard);
  });
}

// Not-finite input is not hidden: it reaches the caller, who reports it.
TEST_P(RowsTest, NaNsStayVisible) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const Activation activation :
       {&KernelSet::gelu, &KernelSet::gelu_tanh, &KernelSet::silu, &KernelSet::relu}) {
    std::vector<float> x(20, nan);
    (GetParam()->*activation)(x.data(), x.size());
    for (const float v : x) EXPECT_TRUE(std::isnan(v));
  }
  std::vector<float> x(20, 1.0F);
  x[3] = nan;
  GetParam()->softmax(x.data(), x.size(), 1);
  EXPECT_TRUE(std::isnan(x[3]));
}

}  // namespace
}  // namespace coderank::kernels
