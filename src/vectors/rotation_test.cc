// The rotation: products stay what they were, and no coordinate stays alone.
#include "vectors/rotation.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "vectors/vectors_test_util.h"

namespace coderank {
namespace {

double Product(const Vector& a, const Vector& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * b[i];
  return sum;
}

// Each of the four rounds adds log2(1024) = 10 roundings of 2^-24 to a coordinate of a unit vector.
TEST(RotationTest, KeepsProducts) {
  for (const size_t dimension :
       std::initializer_list<size_t>{1, 2, 3, 63, 64, 65, 127, 384, 768, 1000, 1024}) {
    const Rotation rotation(dimension);
    RandomVectors random(dimension);
    const Vector a = random.Unit(dimension);
    const Vector b = random.Unit(dimension);
    Vector rotated_a(a);
    Vector rotated_b(b);
    rotation.Apply(rotated_a);
    rotation.Apply(rotated_b);
    EXPECT_NEAR(Product(rotated_a, rotated_b), Product(a, b), 2 * 40 * 0x1p-24) << dimension;
    EXPECT_NEAR(Product(rotated_a, rotated_a), 1, 2 * 40 * 0x1p-24) << dimension;
  }
}

// One coordinate alone becomes about normal with deviation 1 / sqrt(n): five deviations are
// exceeded once in 1.7 million coordinates, and there are 2.6 million pairs here. Six are exceeded
// once in 500 million.
TEST(RotationTest, SpreadsEveryCoordinate) {
  for (const size_t dimension : std::initializer_list<size_t>{384, 768, 1000}) {
    const Rotation rotation(dimension);
    for (size_t i = 0; i < dimension; ++i) {
      Vector alone(dimension, 0);
      alone[i] = 1;
      rotation.Apply(alone);
      const auto [low, high] = std::minmax_element(alone.begin(), alone.end());
      const double limit = 6 / std::sqrt(static_cast<double>(dimension));
      EXPECT_LT(std::max(-*low, *high), limit) << "coordinate " << i << " of " << dimension;
    }
  }
}

}  // namespace
}  // namespace coderank
