// Rotary against values computed by hand and against the rotation formula in f64.
#include "nn/rotary.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "kernels/kernel_test_util.h"

namespace coderank::nn {
namespace {

using kernels::KernelSet;
using kernels::RandomData;

class RotaryTest : public ::testing::TestWithParam<const KernelSet*> {};
INSTANTIATE_TEST_SUITE_P(Sets, RotaryTest, ::testing::ValuesIn(kernels::AvailableSets()),
                         kernels::SetName);

// CodeRankEmbed: 1000^(-2i / 64), by hand.
TEST(RotaryFrequencies, AreTheFormula) {
  const std::vector<float> frequencies = InverseFrequencies(64, 1000);
  ASSERT_EQ(frequencies.size(), 32U);
  EXPECT_EQ(frequencies[0], 1.0F);
  EXPECT_NEAR(frequencies[1], 0.80584219, 1e-7);
  EXPECT_NEAR(frequencies[31], 0.0012409378, 1e-9);
}

// One pair of one head: position p turns by p radians, the second half of the head being the pair's
// other side.
TEST_P(RotaryTest, PairsAreHalfAHeadApart) {
  const Rotary rotary(*GetParam(), 4, 100, 3);  // frequencies 1 and 0.1
  std::vector<float> qkv(3 * 12, 0);
  float* second = qkv.data() + 12;
  second[0] = 1;              // q, pair 0
  second[4 + 3] = 1;          // k, pair 1, its second half
  second[8] = second[9] = 5;  // v
  rotary.Forward(1, std::vector<uint32_t>{0, 1, 2}, qkv.data());
  const std::vector<float> found(second, second + 12);
  const std::vector<double> expected{
      std::cos(1.0), 0, std::sin(1.0), 0, 0, -std::sin(0.1), 0, std::cos(0.1), 5, 5, 0, 0};
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-7) << i;
}

TEST_P(RotaryTest, IsTheFormulaAndStartsAtZeroInEverySequence) {
  const size_t head_size = 10;
  const size_t heads = 3;
  const size_t width = 3 * heads * head_size;
  const float base = 1000;
  const Rotary rotary(*GetParam(), head_size, base, 120);
  const std::vector<size_t> offsets{0, 1, 1, 6, 126};
  RandomData random(1);
  const auto before = random.Vector(offsets.back() * width);
  auto qkv = before;
  std::vector<uint32_t> positions;
  for (size_t s = 0; s + 1 < offsets.size(); ++s) {
    for (size_t i = offsets[s]; i < offsets[s + 1]; ++i) {
      positions.push_back(static_cast<uint32_t>(i - offsets[s]));
    }
  }
  rotary.Forward(heads, positions, qkv.data());
  for (size_t s = 0; s + 1 < offsets.size(); ++s) {
    for (size_t token = offsets[s]; token < offsets[s + 1]; ++token) {
      const auto position = static_cast<double>(token - offsets[s]);
      for (size_t i = 0; i < width; ++i) {
        const size_t at = token * width + i;
        if (i >= 2 * heads * head_size) {
          ASSERT_EQ(qkv[at], before[at]) << "V stays as it is";
          continue;
        }
        const size_t dimension = i % head_size;
        const bool first = dimension < head_size / 2;
        const double pair = static_cast<double>(dimension % (head_size / 2));
        const double angle = position * std::pow(base, -2 * pair / head_size);
        const double other = first ? -before[at + head_size / 2] : before[at - head_size / 2];
        // The angle is f32: up to 120 * 2^-23 off, on values of up to 3.5.
        ASSERT_NEAR(qkv[at], before[at] * std::cos(angle) + other * std::sin(angle), 5e-5)
            << "token " << token << ", element " << i;
      }
    }
  }
}

}  // namespace
}  // namespace coderank::nn
