// The int8 kernels of the set `scalar`: what they mean, in the shortest code. The sums over k are
// exact integers, so every set must give the same ones; quantisation is f32 in the order of the
// vector kernels, so that it gives the same bytes.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "kernels/attention.h"
#include "kernels/int8.h"

namespace coderank::kernels::scalar {

#include "kernels/int8_functions.inc"

void QuantizeRow(const float* x, const float* channel_scale, size_t k, size_t depth, int levels,
                 uint8_t* values, float* scale, float* offset) {
  float low = INFINITY;
  float high = -INFINITY;
  float poison = 0;  // NaN as soon as one value is not finite
  for (size_t i = 0; i < k; ++i) {
    const float v = x[i] * channel_scale[i];
    low = std::min(low, v);
    high = std::max(high, v);
    poison += v * 0;
  }
  *scale = (high - low + poison) / static_cast<float>(levels);
  *offset = low + poison;
  const float inverse = high > low ? static_cast<float>(levels) / (high - low) : 0;
  for (size_t i = 0; i < depth; ++i) {
    const float steps = i < k ? (x[i] * channel_scale[i] - low) * inverse : 0;
    const float limited = std::clamp(steps, 0.0F, static_cast<float>(levels));
    values[i] = std::isnan(steps) ? uint8_t{0} : static_cast<uint8_t>(std::nearbyint(limited));
  }
}

namespace {

// One element of the product, exact but for the roundings of the formula in int8.h.
float Element(const Int8Rows& rows, const Int8Weights& w, size_t row, size_t column) {
  const size_t panel = column / kInt8Panel;
  const size_t lane = column % kInt8Panel;
  int32_t sum = 0;
  for (size_t k = 0; k < w.depth; ++k) {
    const size_t group = (panel * (w.depth / kInt8Group) + k / kInt8Group) * kInt8Panel + lane;
    sum += rows.values[row * w.depth + k] * w.panels[group * kInt8Group + k % kInt8Group];
  }
  double value = static_cast<double>(rows.scale[row]) * w.scale[column] * sum +
                 static_cast<double>(rows.offset[row]) * w.sum[column];
  if (w.bias != nullptr) value += w.bias[column];
  for (size_t o = 0; o < w.outlier_count; ++o) {
    value += static_cast<double>(rows.outliers[row * w.outlier_count + o]) *
             w.outliers[o * w.columns + column];
  }
  return static_cast<float>(value);
}

}  // namespace

void GemmInt8(const Int8Rows& rows, size_t row_count, const Int8Weights& weights,
              const Int8Output& output) {
  const size_t first = output.first_panel * kInt8Panel;
  const size_t last = std::min(output.last_panel * kInt8Panel, output.n);
  for (size_t row = 0; row < row_count; ++row) {
    for (size_t column = first; column < last; ++column) {
      output.c[row * output.ldc + column] = Element(rows, weights, row, column);
    }
  }
}

void GemmInt8Gated(const Int8Rows& rows, size_t row_count, const Int8Weights& weights,
                   const Int8Output& output) {
  const size_t first = output.first_panel * kInt8GatedGroup;
  const size_t last = std::min(output.last_panel * kInt8GatedGroup, output.n);
  for (size_t row = 0; row < row_count; ++row) {
    for (size_t column = first; column < last; ++column) {
      const size_t up = column / kInt8GatedGroup * kInt8Panel + column % kInt8GatedGroup;
      const double gate = Element(rows, weights, row, up + kInt8GatedGroup);
      output.c[row * output.ldc + column] =
          static_cast<float>(Element(rows, weights, row, up) * gate / (1 + std::exp(-gate)));
    }
  }
}

size_t AttentionBytes(size_t tokens, size_t /*head_size*/) { return tokens * sizeof(float); }

void Attend(const AttentionHead& head, void* memory) {
  auto* scores = static_cast<float*>(memory);
  const double root = std::sqrt(static_cast<double>(head.head_size));
  for (size_t query = 0; query < head.tokens; ++query) {
    double largest = -INFINITY;
    for (size_t key = 0; key < head.tokens; ++key) {
      double score = 0;
      for (size_t i = 0; i < head.head_size; ++i) {
        score += static_cast<double>(head.queries[query * head.stride + i]) *
                 head.keys[key * head.stride + i];
      }
      scores[key] = static_cast<float>(score / root);
      largest = std::fmax(largest, scores[key]);
    }
    double sum = 0;
    for (size_t key = 0; key < head.tokens; ++key) sum += std::exp(scores[key] - largest);
    for (size_t i = 0; i < head.head_size; ++i) {
      double value = 0;
      for (size_t key = 0; key < head.tokens; ++key) {
        value += std::exp(scores[key] - largest) / sum * head.values[key * head.stride + i];
      }
      head.context[query * head.context_stride + i] = static_cast<float>(value);
    }
  }
}

}  // namespace coderank::kernels::scalar
