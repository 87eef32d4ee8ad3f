#include "model/group_weights.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "kernels/kernel_set.h"
#include "model/dequantize.h"
#include "model/model_test_util.h"

namespace coderank {
namespace {

const kernels::KernelSet& Scalar() { return *kernels::AllKernelSets().front(); }

float FromHalf(uint16_t half) {
  float value = 0;
  Scalar().f16_to_f32(&half, 1, &value);
  return value;
}

// The weight that the layout of kernels/grouped.h holds, written down a second time.
float WeightAt(const kernels::GroupedWeights& w, size_t column, size_t k) {
  const size_t block = column / 16 * w.groups + k / 32;
  const size_t lane = column % 16;
  const size_t within = k % 32;
  if (w.bits == 8) {
    const uint8_t byte = w.values[block * 512 + within / 4 * 64 + lane * 4 + within % 4];
    return FromHalf(w.scales[block * 16 + lane]) * static_cast<float>(static_cast<int8_t>(byte));
  }
  const uint8_t both = w.values[block * 256 + within % 16 / 4 * 64 + lane * 4 + within % 4];
  const int value = within < 16 ? both & 0x0F : both >> 4;
  return FromHalf(w.scales[block * 32 + lane]) * static_cast<float>(value) +
         FromHalf(w.scales[block * 32 + 16 + lane]);
}

// `blocks` blocks of a type with f16 scales of moderate size at their starts and any bytes after.
std::vector<std::byte> RandomBlocks(size_t blocks, size_t bytes, size_t scales) {
  std::vector<std::byte> data(blocks * bytes);
  uint32_t state = 7;
  for (std::byte& byte : data) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<std::byte>(state >> 24);
  }
  for (size_t b = 0; b < blocks; ++b) {
    for (size_t s = 0; s < scales; ++s) {
      // 0x2000 to 0x2fff: 0.0078 to 0.125.
      data[b * bytes + 2 * s + 1] = static_cast<std::byte>(0x20 | (b + s) % 16);
    }
  }
  return data;
}

struct BlockType {
  const char* name;
  size_t elements, bytes, scales;
  double tolerance;  // relative to the group's largest weight
};

class BlocksTest : public ::testing::TestWithParam<BlockType> {};
// Q4_K's scales are products of an f16 and six bits, which an f16 holds to 2^-11.
INSTANTIATE_TEST_SUITE_P(Types, BlocksTest,
                         ::testing::Values(BlockType{"Q8_0", 32, 34, 1, 0},
                                           BlockType{"Q4_0", 32, 18, 1, 0},
                                           BlockType{"Q4_1", 32, 20, 2, 0},
                                           BlockType{"Q4_K", 256, 144, 2, 0x1p-10}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_P(BlocksTest, AreTakenOver) {
  const BlockType& type = GetParam();
  constexpr size_t kIn = 512;
  const auto blocks = RandomBlocks(kIn / type.elements, type.bytes, type.scales);
  GroupedColumns columns(19, kIn, BitsFor(type.name));
  ASSERT_TRUE(columns.TakesBlocks(type.name));
  for (const size_t column : {size_t{0}, size_t{18}}) {
    ASSERT_TRUE(columns.SetBlocks(column, type.name, blocks));
  }
  const std::vector<float> expected = *ToFloats(type.name, blocks);
  const kernels::GroupedWeights w = columns.weights();
  EXPECT_EQ(w.columns, 32U);
  EXPECT_EQ(w.groups, kIn / 32);
  float largest = 0;
  for (const float v : expected) largest = std::max(largest, std::fabs(v));
  for (size_t k = 0; k < kIn; ++k) {
    for (const size_t column : {size_t{0}, size_t{18}}) {
      // One rounding of the sum of scale * value and least.
      EXPECT_NEAR(WeightAt(w, column, k), expected[k], largest * (type.tolerance + 0x1p-23))
          << type.name << " " << column << " " << k;
    }
    EXPECT_EQ(WeightAt(w, 1, k), 0) << k;
  }
}

TEST(GroupedColumnsTest, FloatsLoseHalfAStepOfTheirGroup) {
  constexpr size_t kIn = 70;  // two groups and a part of one
  std::vector<float> weights(kIn);
  for (size_t k = 0; k < kIn; ++k) {
    weights[k] = std::sin(static_cast<float>(k)) * (k < 32 ? 0.01F : 3.0F);
  }
  for (const GroupBits bits : {GroupBits::kFour, GroupBits::kEight}) {
    GroupedColumns columns(16, kIn, bits);
    ASSERT_TRUE(columns.SetFloats(5, weights));
    for (size_t k = 0; k < kIn; ++k) {
      const double largest = k < 32 ? 0.01 : 3;
      // Half a step, and the rounding of scale and least value to f16.
      const double step = bits == GroupBits::kFour ? 2 * largest / 15 : largest / 127;
      EXPECT_NEAR(WeightAt(columns.weights(), 5, k), weights[k], step * 0.5 + largest * 0x1p-10)
          << k << ", " << static_cast<int>(bits) << " bits";
    }
  }
}

TEST(GroupedColumnsTest, EqualWeightsAndZerosAreKept) {
  for (const GroupBits bits : {GroupBits::kFour, GroupBits::kEight}) {
    GroupedColumns columns(1, 64, bits);
    std::vector<float> weights(64, 0.0F);
    std::fill(weights.begin() + 32, weights.end(), 0.5F);
    ASSERT_TRUE(columns.SetFloats(0, weights));
    EXPECT_EQ(WeightAt(columns.weights(), 0, 3), 0);
    EXPECT_NEAR(WeightAt(columns.weights(), 0, 40), 0.5, 0x1p-11);
  }
}

TEST(GroupedColumnsTest, ScalesBeyondHalfPrecisionAreRefused) {
  GroupedColumns columns(1, 32, GroupBits::kEight);
  EXPECT_FALSE(columns.SetFloats(0, std::vector<float>(32, 1e8F)));
  std::vector<std::byte> block(34);
  block[1] = std::byte{0x7C};  // infinity
  EXPECT_FALSE(columns.SetBlocks(0, "Q8_0", block));
}

TEST(GroupedColumnsTest, OtherTypesAreQuantisedAnew) {
  EXPECT_FALSE(GroupedColumns(1, 256, GroupBits::kEight).TakesBlocks("Q6_K"));
  EXPECT_FALSE(GroupedColumns(1, 256, GroupBits::kEight).TakesBlocks("Q4_0"));
  EXPECT_FALSE(GroupedColumns(1, 256, GroupBits::kFour).TakesBlocks("Q8_0"));
  EXPECT_EQ(BitsFor("Q4_K"), GroupBits::kFour);
  EXPECT_EQ(BitsFor("Q5_0"), GroupBits::kEight);
  EXPECT_EQ(BitsFor("BF16"), GroupBits::kEight);
}

}  // namespace
}  // namespace coderank
