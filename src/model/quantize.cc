#include "model/quantize.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "kernels/int8.h"

namespace coderank {
namespace {

using kernels::kInt8DepthStep;
using kernels::kInt8GatedGroup;
using kernels::kInt8Group;
using kernels::kInt8Panel;

constexpr float kLargestByte = 127;
// At most so many input channels stay in f32: each costs a multiply-add an element of the output,
// and more of them improve MiniLM no further.
constexpr size_t kMostOutliers = 8;
// A channel is an outlier when its tail is so much heavier than the median one: it would widen the
// range, and so the rounding, of every row.
constexpr double kOutlierRatio = 2;

size_t RoundUp(size_t value, size_t step) { return (value + step - 1) / step * step; }

// The row of `weight` that a column of the packed layout holds; none for padding.
std::optional<size_t> SourceRow(const ProjectionSpec& spec, size_t column) {
  if (!spec.gated) return column < spec.out ? std::optional(column) : std::nullopt;
  const size_t lane = column % kInt8Panel;
  const size_t place = column / kInt8Panel * kInt8GatedGroup + lane % kInt8GatedGroup;
  if (place >= spec.out) return std::nullopt;
  return lane < kInt8GatedGroup ? place : spec.out + place;
}

// The factor that a channel's activations are multiplied with, its weights being divided by it:
// channels of like range are rounded alike. The exponent is SmoothQuant's (Xiao et al., 2023), on
// root mean squares instead of maxima; from 0.1 to 0.5 the cosine to f32 of MiniLM's vectors
// changes by less than it differs between texts.
std::vector<float> SmoothingFactors(const ProjectionSpec& spec, std::span<const float> weight,
                                    const ChannelStatistics& statistics) {
  constexpr double kExponent = 0.2;
  const size_t rows = weight.size() / spec.in;
  std::vector<double> weight_squares(spec.in);
  for (size_t row = 0; row < rows; ++row) {
    for (size_t k = 0; k < spec.in; ++k) {
      const double w = weight[row * spec.in + k];
      weight_squares[k] += w * w;
    }
  }
  std::vector<float> factors(spec.in, 1);
  for (size_t k = 0; k < spec.in; ++k) {
    const double x = std::sqrt(statistics.squares[k] / static_cast<double>(statistics.rows));
    const double w = std::sqrt(weight_squares[k] / static_cast<double>(rows));
    if (x == 0 || w == 0) continue;  // a channel that is never used
    const auto factor = static_cast<float>(std::pow(w, 1 - kExponent) / std::pow(x, kExponent));
    if (std::isnormal(factor)) factors[k] = factor;
  }
  return factors;
}

// The channels whose smoothed values have the heaviest tails, by the eighth root of the mean of
// their eighth powers, in ascending order: nearly the largest value, which sets a row's range, but
// not at the mercy of a single token.
std::vector<uint32_t> ChooseOutliers(const ChannelStatistics& statistics,
                                     std::span<const float> smoothing) {
  const size_t channels = smoothing.size();
  std::vector<double> tails(channels);
  for (size_t k = 0; k < channels; ++k) {
    const double mean = statistics.eighths[k] / static_cast<double>(statistics.rows);
    tails[k] = std::pow(mean, 1.0 / 8) * smoothing[k];
  }
  std::vector<double> sorted = tails;
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<ptrdiff_t>(channels / 2),
                   sorted.end());
  const double least = kOutlierRatio * sorted[channels / 2];
  std::vector<uint32_t> chosen;
  for (uint32_t k = 0; k < channels; ++k) {
    if (tails[k] > least) chosen.push_back(k);
  }
  std::stable_sort(chosen.begin(), chosen.end(),
                   [&](uint32_t a, uint32_t b) { return tails[a] > tails[b]; });
  chosen.resize(std::min(chosen.size(), kMostOutliers));
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

// Fills one column of the layout from a row of weights.
class ColumnWriter {
 public:
  ColumnWriter(size_t in, size_t depth, QuantizedProjection& to)
      : in_(in), depth_(depth), to_(to), smoothed_(in) {}

  void Write(size_t column, const float* row) {
    float largest = 0;
    for (size_t k = 0; k < in_; ++k) {
      smoothed_[k] = to_.channel_scale[k] == 0 ? 0 : row[k] / to_.channel_scale[k];
      largest = std::max(largest, std::fabs(smoothed_[k]));
    }
    // Weights so small that their inverse overflows are none.
    const bool any = largest > kLargestByte * std::numeric_limits<float>::min();
    const float scale = any ? largest / kLargestByte : 0;
    const float inverse = any ? kLargestByte / largest : 0;
    int32_t sum = 0;
    for (size_t k = 0; k < in_; ++k) {
      const float steps = std::clamp(smoothed_[k] * inverse, -kLargestByte, kLargestByte);
      const auto value = static_cast<int8_t>(std::nearbyint(steps));
      to_.panels[Place(column, k)] = value;
      sum += value;
    }
    to_.scale[column] = scale;
    to_.sum[column] = scale * static_cast<float>(sum);
    const size_t columns = to_.scale.size();
    for (size_t o = 0; o < to_.outlier_channels.size(); ++o) {
      to_.outlier_weights[o * columns + column] = row[to_.outlier_channels[o]];
    }
  }

 private:
  size_t Place(size_t column, size_t k) const {
    const size_t group = column / kInt8Panel * (depth_ / kInt8Group) + k / kInt8Group;
    return (group * kInt8Panel + column % kInt8Panel) * kInt8Group + k % kInt8Group;
  }

  size_t in_;
  size_t depth_;
  QuantizedProjection& to_;
  std::vector<float> smoothed_;  // of one row
};

}  // namespace

void ChannelStatistics::Add(const float* x, size_t count, size_t in) {
  eighths.resize(in);
  squares.resize(in);
  for (size_t row = 0; row < count; ++row) {
    for (size_t k = 0; k < in; ++k) {
      const double square = static_cast<double>(x[row * in + k]) * x[row * in + k];
      squares[k] += square;
      eighths[k] += square * square * square * square;
    }
  }
  rows += count;
}

void ChannelStatistics::Add(const ChannelStatistics& other) {
  eighths.resize(other.eighths.size());
  squares.resize(other.squares.size());
  for (size_t k = 0; k < squares.size(); ++k) {
    eighths[k] += other.eighths[k];
    squares[k] += other.squares[k];
  }
  rows += other.rows;
}

size_t QuantizedColumns(const ProjectionSpec& spec) {
  if (spec.gated) return RoundUp(spec.out, kInt8GatedGroup) * 2;
  return RoundUp(spec.out, kInt8Panel);
}

size_t QuantizedDepth(const ProjectionSpec& spec) { return RoundUp(spec.in, kInt8DepthStep); }

QuantizedProjection Quantize(const ProjectionSpec& spec, std::span<const float> weight,
                             std::span<const float> bias, const ChannelStatistics& statistics) {
  const size_t columns = QuantizedColumns(spec);
  const size_t depth = QuantizedDepth(spec);
  QuantizedProjection result;
  result.panels.resize(columns * depth);
  result.scale.resize(columns);
  result.sum.resize(columns);
  result.channel_scale = SmoothingFactors(spec, weight, statistics);
  result.outlier_channels = ChooseOutliers(statistics, result.channel_scale);
  result.outlier_weights.resize(result.outlier_channels.size() * columns);
  for (const uint32_t channel : result.outlier_channels) result.channel_scale[channel] = 0;
  if (!bias.empty()) result.bias.resize(columns);
  ColumnWriter writer(spec.in, depth, result);
  for (size_t column = 0; column < columns; ++column) {
    const auto row = SourceRow(spec, column);
    if (!row) continue;
    writer.Write(column, weight.data() + *row * spec.in);
    if (!bias.empty()) result.bias[column] = bias[*row];
  }
  return result;
}

}  // namespace coderank
