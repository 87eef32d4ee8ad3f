#include "vectors/int8_row.h"

#include <algorithm>
#include <cmath>

namespace coderank {

float QuantizeSymmetric(std::span<const float> row, std::span<int8_t> bytes) {
  constexpr float kLevels = 127;
  std::fill(bytes.begin(), bytes.end(), int8_t{0});
  float largest = 0;
  float poison = 0;  // NaN as soon as one number is not finite
  for (const float v : row) {
    largest = std::max(largest, std::fabs(v));
    poison += v * 0;
  }
  const float scale = largest / kLevels;
  // A row so small that its scale underflows has no direction that could be told from noise.
  if (std::isnan(poison) || !std::isnormal(scale)) return 0;
  for (size_t i = 0; i < row.size(); ++i) {
    const float steps = std::clamp(row[i] / scale, -kLevels, kLevels);
    bytes[i] = static_cast<int8_t>(std::lrint(steps));
  }
  return scale;
}

}  // namespace coderank
