// The grouped products of the set `scalar`: what they mean, in the shortest code. Quantisation is
// f32 in the order of the vector kernels, so that it gives the same bytes.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "kernels/grouped.h"
#include "kernels/kernel_set.h"

namespace coderank::kernels::scalar {

#include "kernels/grouped_functions.inc"
void F16ToF32(const uint16_t* in, size_t n, float* out);

void QuantizeGroups(const float* x, size_t k, size_t groups, int8_t* values, float* scale,
                    float* offset, int32_t* sum) {
  for (size_t g = 0; g < groups; ++g) {
    const size_t first = g * kGroupDepth;
    const size_t count = std::min(kGroupDepth, k - std::min(k, first));
    float largest = 0;
    float poison = 0;  // NaN as soon as one value is not finite
    for (size_t i = 0; i < count; ++i) {
      largest = std::max(largest, std::fabs(x[first + i]));
      poison += x[first + i] * 0;
    }
    const float inverse = largest > 0 ? 127 / largest : 0;
    int32_t total = 0;
    for (size_t i = 0; i < kGroupDepth; ++i) {
      const float steps = i < count ? x[first + i] * inverse : 0;
      const float limited = std::clamp(std::nearbyint(steps), -127.0F, 127.0F);
      const auto value = std::isnan(steps) ? int8_t{0} : static_cast<int8_t>(limited);
      values[first + i] = value;
      total += value;
    }
    scale[g] = largest / 127 + poison;
    offset[g] = scale[g] * static_cast<float>(total);
    sum[g] = total;
  }
}

namespace {

double Half(uint16_t bits) {
  float value = 0;
  F16ToF32(&bits, 1, &value);
  return value;
}

// Weight `k` of a group, of one lane of its panel.
int Value(const GroupedWeights& w, const uint8_t* group, size_t lane, size_t k) {
  const size_t quad = k / kGroupedQuad;
  const size_t within = lane * kGroupedQuad + k % kGroupedQuad;
  constexpr size_t kQuadBytes = kGroupedPanel * kGroupedQuad;
  if (w.bits == 8) return static_cast<int8_t>(group[quad * kQuadBytes + within]);
  const uint8_t both = group[quad % 4 * kQuadBytes + within];
  return quad < 4 ? both & 0x0F : both >> 4;
}

float Element(const GroupedRows& rows, const GroupedWeights& w, size_t row, size_t column) {
  const size_t bytes = w.bits == 8 ? kGroupBytes8 : kGroupBytes4;
  const size_t scales = (w.bits == 8 ? 1 : 2) * kGroupedPanel;
  const size_t lane = column % kGroupedPanel;
  double value = w.bias == nullptr ? 0 : w.bias[column];
  for (size_t g = 0; g < w.groups; ++g) {
    const size_t block = column / kGroupedPanel * w.groups + g;
    const size_t at = row * w.groups + g;
    int32_t products = 0;
    for (size_t k = 0; k < kGroupDepth; ++k) {
      products += rows.values[at * kGroupDepth + k] * Value(w, w.values + block * bytes, lane, k);
    }
    const uint16_t* scale = w.scales + block * scales + lane;
    value += static_cast<double>(rows.scale[at]) * Half(scale[0]) * products;
    if (w.bits == 4) value += static_cast<double>(rows.offset[at]) * Half(scale[kGroupedPanel]);
  }
  return static_cast<float>(value);
}

}  // namespace

void GemmGrouped(const GroupedRows& rows, size_t row_count, const GroupedWeights& weights,
                 const GroupedOutput& output) {
  const size_t first = output.first_panel * kGroupedPanel;
  const size_t last = std::min(output.last_panel * kGroupedPanel, output.n);
  for (size_t row = 0; row < row_count; ++row) {
    for (size_t column = first; column < last; ++column) {
      output.c[row * output.ldc + column] = Element(rows, weights, row, column);
    }
  }
}

}  // namespace coderank::kernels::scalar
