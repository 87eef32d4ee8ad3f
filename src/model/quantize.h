// Quantisation of one projection's weights to int8, in the layout of kernels/int8.h.
//
// Pure functions: the same weights and statistics give the same bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "model/layer_source.h"

namespace coderank {

// Changes with everything in the code that changes the vectors of a quantised model. With the
// version of the calibration texts it enters the model's fingerprint.
inline constexpr int kInt8SchemeVersion = 2;

// What calibration saw of the input channels of one projection.
struct ChannelStatistics {
  std::vector<double> eighths;  // [in] sum of eighth powers
  std::vector<double> squares;  // [in] sum of squares
  size_t rows = 0;

  void Add(const float* x, size_t count, size_t in);
  void Add(const ChannelStatistics& other);
};

struct QuantizedProjection {
  std::vector<int8_t> panels;              // [columns / 16][depth / 4][16][4]
  std::vector<float> scale;                // [columns]
  std::vector<float> sum;                  // [columns]
  std::vector<float> bias;                 // [columns], or empty
  std::vector<float> outlier_weights;      // [outliers, columns]
  std::vector<uint32_t> outlier_channels;  // ascending
  std::vector<float> channel_scale;        // [in]
};

// Columns and depth of `spec` once padded.
size_t QuantizedColumns(const ProjectionSpec& spec);
size_t QuantizedDepth(const ProjectionSpec& spec);

// `weight` is [out, in], or [2 * out, in] with up before gate; `bias` is [out] or empty.
QuantizedProjection Quantize(const ProjectionSpec& spec, std::span<const float> weight,
                             std::span<const float> bias, const ChannelStatistics& statistics);

}  // namespace coderank
