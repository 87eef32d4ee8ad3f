// One vector as bytes with a scale.
#pragma once

#include <cstdint>
#include <span>

namespace coderank {

// bytes[i] = round(row[i] / scale), bytes past the row 0; returns the scale, the largest magnitude
// over 127. A row with a number that is not finite gives zeros and the scale 0: it is like nothing.
float QuantizeSymmetric(std::span<const float> row, std::span<int8_t> bytes);

}  // namespace coderank
