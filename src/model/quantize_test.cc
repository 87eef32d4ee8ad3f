// Quantised weights against the given ones, read back through the layout of kernels/int8.h.
#include "model/quantize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "kernels/kernel_test_util.h"

namespace coderank {
namespace {

using kernels::kInt8GatedGroup;
using kernels::kInt8Group;
using kernels::kInt8Panel;
using kernels::RandomData;

struct Problem {
  ProjectionSpec spec;
  std::vector<float> weight;
  std::vector<float> bias;
  ChannelStatistics statistics;

  QuantizedProjection Quantized() const { return Quantize(spec, weight, bias, statistics); }
  size_t rows() const { return spec.gated ? 2 * spec.out : spec.out; }
};

// Channel ranges differ by a factor of about 30, as they do in real models.
Problem MakeProblem(size_t in, size_t out, bool gated, uint64_t seed = 1) {
  RandomData random(seed);
  Problem problem{.spec = {.weights = {"w"}, .biases = {}, .in = in, .out = out, .gated = gated},
                  .weight = {},
                  .bias = {},
                  .statistics = {}};
  problem.weight = random.Vector(problem.rows() * in);
  if (!gated) problem.bias = random.Vector(out);
  constexpr size_t kRows = 20;
  std::vector<float> x = random.Vector(kRows * in);
  for (size_t i = 0; i < x.size(); ++i) x[i] *= std::exp(3.4F * static_cast<float>(i % in % 7) / 6);
  problem.statistics.Add(x.data(), kRows, in);
  return problem;
}

// Where weight row `row` lies in the layout, by kernels/int8.h: gated weights alternate in groups
// of eight columns.
size_t ColumnOf(const ProjectionSpec& spec, size_t row) {
  if (!spec.gated) return row;
  const size_t place = row % spec.out;
  const size_t half = row < spec.out ? 0 : kInt8GatedGroup;
  return place / kInt8GatedGroup * kInt8Panel + half + place % kInt8GatedGroup;
}

int ByteAt(const QuantizedProjection& q, size_t depth, size_t column, size_t k) {
  const size_t panel = column / kInt8Panel * depth * kInt8Panel;
  const size_t group = k / kInt8Group * kInt8Panel * kInt8Group;
  return q.panels[panel + group + column % kInt8Panel * kInt8Group + k % kInt8Group];
}

bool IsOutlier(const QuantizedProjection& q, size_t k) {
  return std::binary_search(q.outlier_channels.begin(), q.outlier_channels.end(), k);
}

// An element of the weights as an activation meets it: x * channel_scale * (scale * byte).
void ExpectWithinHalfAStep(const Problem& problem) {
  const QuantizedProjection q = problem.Quantized();
  const size_t in = problem.spec.in;
  const size_t depth = QuantizedDepth(problem.spec);
  const size_t columns = QuantizedColumns(problem.spec);
  ASSERT_EQ(q.panels.size(), columns * depth);
  for (size_t row = 0; row < problem.rows(); ++row) {
    const size_t column = ColumnOf(problem.spec, row);
    int largest = 0;
    int sum = 0;
    for (size_t k = 0; k < in; ++k) {
      const int byte = ByteAt(q, depth, column, k);
      const double expected = problem.weight[row * in + k];
      sum += byte;
      largest = std::max(largest, std::abs(byte));
      if (IsOutlier(q, k)) {
        EXPECT_EQ(byte, 0);
        EXPECT_EQ(q.channel_scale[k], 0.0F);
        continue;
      }
      const double step = static_cast<double>(q.scale[column]) * q.channel_scale[k];
      // Half a step, and the roundings to f32 of up to 127 steps.
      ASSERT_NEAR(step * byte, expected, step * (0.5 + 127 * 4 * kernels::kUnit))
          << "row " << row << " channel " << k << " of " << in << " x " << problem.spec.out;
    }
    EXPECT_EQ(largest, 127) << "the whole range is used";
    EXPECT_FLOAT_EQ(q.sum[column], q.scale[column] * static_cast<float>(sum));
    if (!problem.bias.empty()) {
      EXPECT_EQ(q.bias[column], problem.bias[row]);
    }
  }
}

TEST(QuantizeTest, WeightsAreWithinHalfAStep) {
  for (const size_t in : {size_t{1}, size_t{31}, size_t{32}, size_t{64}, size_t{65}, size_t{384}}) {
    for (const size_t out : {size_t{1}, size_t{15}, size_t{16}, size_t{17}, size_t{50}}) {
      ExpectWithinHalfAStep(MakeProblem(in, out, false, in + out));
    }
  }
}

TEST(QuantizeTest, GatedWeightsAreWithinHalfAStep) {
  for (const size_t in : {size_t{3}, size_t{64}, size_t{100}}) {
    for (const size_t out : {size_t{1}, size_t{7}, size_t{8}, size_t{9}, size_t{16}, size_t{37}}) {
      ExpectWithinHalfAStep(MakeProblem(in, out, true, in + out));
    }
  }
}

TEST(QuantizeTest, PaddingIsZero) {
  const Problem problem = MakeProblem(70, 19, false);
  const QuantizedProjection q = problem.Quantized();
  const size_t depth = QuantizedDepth(problem.spec);
  ASSERT_EQ(depth, 128U);
  ASSERT_EQ(q.scale.size(), 32U);
  for (size_t column = 0; column < 32; ++column) {
    const bool padding = column >= 19;
    for (size_t k = padding ? 0 : 70; k < depth; ++k) EXPECT_EQ(ByteAt(q, depth, column, k), 0);
    if (!padding) continue;
    EXPECT_EQ(q.scale[column], 0.0F);
    EXPECT_EQ(q.sum[column], 0.0F);
    EXPECT_EQ(q.bias[column], 0.0F);
  }
}

TEST(QuantizeTest, TheHeaviestChannelsStayExact) {
  Problem problem = MakeProblem(100, 33, false);
  for (const size_t k : {size_t{3}, size_t{50}, size_t{99}}) problem.statistics.eighths[k] = 1e40;
  const QuantizedProjection q = problem.Quantized();
  for (const size_t k : {size_t{3}, size_t{50}, size_t{99}}) EXPECT_TRUE(IsOutlier(q, k)) << k;
  ASSERT_LE(q.outlier_channels.size(), 16U);
  EXPECT_TRUE(std::is_sorted(q.outlier_channels.begin(), q.outlier_channels.end()));
  const size_t columns = q.scale.size();
  for (size_t o = 0; o < q.outlier_channels.size(); ++o) {
    for (size_t row = 0; row < 33; ++row) {
      EXPECT_EQ(q.outlier_weights[o * columns + row],
                problem.weight[row * 100 + q.outlier_channels[o]]);
    }
  }
}

TEST(QuantizeTest, ChannelsOfOneRangeHaveNoOutliers) {
  Problem problem = MakeProblem(100, 64, false);
  EXPECT_FALSE(problem.Quantized().outlier_channels.empty());
  problem.statistics.squares.assign(100, 20);
  problem.statistics.eighths.assign(100, 20 * 105);  // of a normal distribution
  EXPECT_TRUE(problem.Quantized().outlier_channels.empty());
}

// Channels of a larger range are made smaller before they are quantised.
TEST(QuantizeTest, SmoothingLevelsTheChannels) {
  const Problem problem = MakeProblem(384, 64, false);
  const QuantizedProjection q = problem.Quantized();
  double narrow = 0;
  double wide = 0;
  for (size_t k = 0; k < 384; ++k) {
    if (k % 7 == 0) narrow = std::max<double>(narrow, q.channel_scale[k]);
    if (k % 7 == 5) wide = std::max<double>(wide, q.channel_scale[k]);
  }
  EXPECT_LT(wide, narrow);
}

TEST(QuantizeTest, ZeroRowsAndChannels) {
  Problem problem = MakeProblem(64, 20, false);
  for (size_t k = 0; k < 64; ++k) problem.weight[size_t{5} * 64 + k] = 0;
  for (size_t row = 0; row < 20; ++row) problem.weight[row * 64 + 9] = 0;
  problem.statistics.squares[11] = problem.statistics.eighths[11] = 0;
  const QuantizedProjection q = problem.Quantized();
  EXPECT_EQ(q.scale[5], 0.0F);
  EXPECT_EQ(q.sum[5], 0.0F);
  EXPECT_TRUE(std::all_of(q.channel_scale.begin(), q.channel_scale.end(),
                          [](float v) { return std::isfinite(v); }));
  for (size_t row = 0; row < 20; ++row) EXPECT_EQ(ByteAt(q, 64, row, 9), 0);
  EXPECT_EQ(q.channel_scale[11], 1.0F);
}

TEST(QuantizeTest, AllZeroAndConstantInputs) {
  Problem zeros = MakeProblem(40, 17, false);
  std::fill(zeros.weight.begin(), zeros.weight.end(), 0.0F);
  const QuantizedProjection none = zeros.Quantized();
  EXPECT_TRUE(std::all_of(none.panels.begin(), none.panels.end(), [](int8_t p) { return p == 0; }));
  Problem constant = MakeProblem(40, 17, false);
  constant.statistics = {};
  const std::vector<float> x(40, 3.0F);
  constant.statistics.Add(x.data(), 1, 40);
  ExpectWithinHalfAStep(constant);
  constant.statistics.eighths.assign(40, 0);
  constant.statistics.squares.assign(40, 0);
  ExpectWithinHalfAStep(constant);
}

// Numbers near the ends of f32 stay numbers.
TEST(QuantizeTest, ExtremeWeights) {
  for (const float size : {1e-44F, 1e-38F, 1e-30F, 1e30F, 3e38F}) {
    for (const float activation : {1e-40F, 1.0F, 3e38F}) {
      Problem problem = MakeProblem(40, 17, true);
      for (float& w : problem.weight) w = w < 0 ? -size : size;
      problem.statistics = {};
      const std::vector<float> x(40, activation);
      problem.statistics.Add(x.data(), 1, 40);
      const QuantizedProjection q = problem.Quantized();
      for (const float v : q.scale) EXPECT_TRUE(std::isfinite(v)) << size << " " << activation;
      for (const float v : q.channel_scale) EXPECT_TRUE(std::isfinite(v));
    }
  }
}

TEST(QuantizeTest, StatisticsOfPartsAreThoseOfTheWhole) {
  const std::vector<float> x = RandomData(3).Vector(12);
  ChannelStatistics whole;
  whole.Add(x.data(), 4, 3);
  ChannelStatistics first;
  first.Add(x.data(), 1, 3);
  ChannelStatistics rest;
  rest.Add(x.data() + 3, 3, 3);
  ChannelStatistics sum;
  sum.Add(first);
  sum.Add(rest);
  EXPECT_EQ(sum.rows, whole.rows);
  for (size_t k = 0; k < 3; ++k) {
    EXPECT_DOUBLE_EQ(sum.squares[k], whole.squares[k]);
    EXPECT_DOUBLE_EQ(sum.eighths[k], whole.eighths[k]);
  }
}

}  // namespace
}  // namespace coderank
