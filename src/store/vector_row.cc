#include "store/vector_row.h"

#include <cmath>

namespace coderank {
namespace {

// Rounding a unit vector to binary16 changes its length by at most 2^-11; models may normalise in
// lower precision. Damage is far beyond.
constexpr double kTolerance = 0.01;

constexpr int kExponentOnes = 31;  // infinity or not a number

// Precondition: finite.
double ValueOf(uint16_t half) {
  const int exponent = (half >> 10) & kExponentOnes;
  const int mantissa = half & 0x3FF;
  return exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25);
}

}  // namespace

bool IsUnitRow(std::span<const uint16_t> row) {
  double square = 0;
  for (const uint16_t half : row) {
    if (((half >> 10) & kExponentOnes) == kExponentOnes) return false;
    const double value = ValueOf(half);
    square += value * value;
  }
  return std::abs(std::sqrt(square) - 1) <= kTolerance;
}

}  // namespace coderank
