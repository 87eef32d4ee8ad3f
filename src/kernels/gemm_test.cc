#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <tuple>

#include "kernels/kernel_test_util.h"

namespace coderank::kernels {
namespace {

struct Shape {
  size_t m, n, k;
};

// One product with padding around every matrix, so that a write outside C is seen and no matrix is
// aligned to more than four bytes.
struct Problem {
  explicit Problem(const Shape& s, uint64_t seed) : shape(s) {
    RandomData random(seed);
    a = random.Vector(s.m * lda() + 1);
    b = random.Vector(s.n * ldb() + 1);
    bias = random.Vector(s.n + 1);
  }
  size_t lda() const { return shape.k + 3; }
  size_t ldb() const { return shape.k + 1; }
  size_t ldc() const { return shape.n + 2; }

  std::vector<float> Packed(const KernelSet& set) const {
    std::vector<float> packed(set.PackedSize(shape.n, shape.k));
    set.pack_rows(b.data() + 1, ldb(), shape.n, shape.k, packed.data());
    return packed;
  }
  // C with its padding, which starts as `kPadding`.
  std::vector<float> Multiply(const KernelSet& set) const {
    const std::vector<float> packed = Packed(set);
    std::vector<float> c(shape.m * ldc() + 1, kPadding);
    set.gemm(a.data() + 1, lda(), packed.data(), bias.data() + 1, c.data() + 1, ldc(), shape.m,
             shape.n, shape.k);
    return c;
  }
  // A chain of k multiply-adds from the bias has an error of at most (k + 1) units of the sum of
  // magnitudes (Higham, Accuracy and Stability, 3.1); one more for rounding the reference to f32.
  std::vector<double> Tolerance() const {
    std::vector<double> tolerance(shape.m * ldc() + 1, 0);
    for (size_t i = 0; i < shape.m; ++i) {
      for (size_t j = 0; j < shape.n; ++j) {
        double magnitude = std::fabs(bias[1 + j]);
        for (size_t x = 0; x < shape.k; ++x) {
          magnitude += std::fabs(static_cast<double>(a[1 + i * lda() + x]) * b[1 + j * ldb() + x]);
        }
        tolerance[1 + i * ldc() + j] = static_cast<double>(shape.k + 2) * kUnit * magnitude;
      }
    }
    return tolerance;
  }

  static constexpr float kPadding = 12345;
  Shape shape;
  std::vector<float> a, b, bias;
};

class GemmTest : public ::testing::TestWithParam<const KernelSet*> {};
INSTANTIATE_TEST_SUITE_P(Sets, GemmTest, ::testing::ValuesIn(AvailableSets()), SetName);

void ExpectMatches(const KernelSet& set, const Shape& shape) {
  const Problem problem(shape, shape.m * 1000003 + shape.n * 1009 + shape.k);
  EXPECT_TRUE(AllWithin(problem.Multiply(set), problem.Multiply(Reference()), problem.Tolerance()))
      << set.name << " m=" << shape.m << " n=" << shape.n << " k=" << shape.k;
}

TEST_P(GemmTest, EveryRemainderOfRows) {
  for (size_t m = 0; m <= 80; ++m) ExpectMatches(*GetParam(), {m, 33, 17});
}

TEST_P(GemmTest, EveryRemainderOfColumns) {
  for (size_t n = 0; n <= 130; ++n) ExpectMatches(*GetParam(), {7, n, 19});
}

TEST_P(GemmTest, EveryRemainderOfDepth) {
  for (size_t k = 0; k <= 130; ++k) ExpectMatches(*GetParam(), {13, 35, k});
}

TEST_P(GemmTest, SeveralBlocksOfDepthAndRows) {
  for (const Shape& shape : {Shape{73, 40, 255}, Shape{5, 31, 256}, Shape{74, 65, 257},
                             Shape{1, 16, 1536}, Shape{145, 9, 600}}) {
    ExpectMatches(*GetParam(), shape);
  }
}

TEST_P(GemmTest, PackingColumnsEqualsPackingTheTranspose) {
  const KernelSet& set = *GetParam();
  RandomData random(5);
  for (size_t n = 0; n <= 70; ++n) {
    const size_t k = 11;
    const std::vector<float> rows = random.Vector(n * k);
    std::vector<float> columns(n * k);
    for (size_t i = 0; i < n; ++i) {
      for (size_t j = 0; j < k; ++j) columns[j * n + i] = rows[i * k + j];
    }
    std::vector<float> from_rows(set.PackedSize(n, k), -1);
    std::vector<float> from_columns(set.PackedSize(n, k), -2);
    set.pack_rows(rows.data(), k, n, k, from_rows.data());
    set.pack_columns(columns.data(), n, n, k, from_columns.data());
    EXPECT_EQ(from_rows, from_columns) << n;
  }
}

TEST_P(GemmTest, WithoutBiasStartsFromZero) {
  const KernelSet& set = *GetParam();
  Problem problem({9, 37, 300}, 3);
  std::fill(problem.bias.begin(), problem.bias.end(), 0.0F);
  const std::vector<float> packed = problem.Packed(set);
  std::vector<float> c(9 * problem.ldc() + 1, Problem::kPadding);
  set.gemm(problem.a.data() + 1, problem.lda(), packed.data(), nullptr, c.data() + 1, problem.ldc(),
           9, 37, 300);
  EXPECT_EQ(c, problem.Multiply(set));
}

// Batched evaluation gives the bits of single evaluation.
TEST_P(GemmTest, ARowDoesNotDependOnTheOthers) {
  const KernelSet& set = *GetParam();
  const Problem problem({150, 50, 300}, 11);
  const std::vector<float> packed = problem.Packed(set);
  const std::vector<float> all = problem.Multiply(set);
  std::vector<float> one(50);
  for (size_t row = 0; row < 150; ++row) {
    set.gemm(problem.a.data() + 1 + row * problem.lda(), problem.lda(), packed.data(),
             problem.bias.data() + 1, one.data(), 50, 1, 50, 300);
    // Bit for bit, which is what is promised. NOLINTNEXTLINE(bugprone-suspicious-memory-comparison)
    EXPECT_EQ(0, std::memcmp(one.data(), all.data() + 1 + row * problem.ldc(), 50 * sizeof(float)))
        << "row " << row;
  }
}

// A range of panels gives the bits of the whole, so that threads may share a product.
TEST_P(GemmTest, PanelsCanBeComputedApart) {
  const KernelSet& set = *GetParam();
  const Problem problem({20, 100, 40}, 12);
  const std::vector<float> packed = problem.Packed(set);
  const std::vector<float> all = problem.Multiply(set);
  std::vector<float> c(all.size(), Problem::kPadding);
  for (size_t column = 0; column < 100; column += set.panel_width) {
    set.gemm(problem.a.data() + 1, problem.lda(), packed.data() + column * 40,
             problem.bias.data() + 1 + column, c.data() + 1 + column, problem.ldc(), 20,
             std::min(set.panel_width, 100 - column), 40);
  }
  EXPECT_EQ(c, all);
}

}  // namespace
}  // namespace coderank::kernels
