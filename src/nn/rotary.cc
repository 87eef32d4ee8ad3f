#include "nn/rotary.h"

#include <cmath>

namespace coderank::nn {

// In f32 throughout, as the reference computes them: far from position 0 the rounding of an angle
// is larger than all other rounding of the model, so doing better here would mean other vectors.
std::vector<float> InverseFrequencies(size_t head_size, float base) {
  std::vector<float> frequencies(head_size / 2);
  for (size_t i = 0; i < frequencies.size(); ++i) {
    const float exponent = static_cast<float>(2 * i) / static_cast<float>(head_size);
    frequencies[i] = 1.0F / std::pow(base, exponent);
  }
  return frequencies;
}

void FillRotation(std::span<const float> frequencies, size_t first, size_t rows, float* cos,
                  float* sin, float magnitude) {
  for (size_t position = first; position < first + rows; ++position) {
    for (const float frequency : frequencies) {
      const float angle = static_cast<float>(position) * frequency;
      *cos++ = std::cos(angle) * magnitude;
      *sin++ = std::sin(angle) * magnitude;
    }
  }
}

Rotary::Rotary(const kernels::KernelSet& kernels, size_t head_size, float base, size_t positions)
    : kernels_(&kernels), half_(head_size / 2) {
  const std::vector<float> frequencies = InverseFrequencies(head_size, base);
  cos_.resize(positions * half_);
  sin_.resize(positions * half_);
  FillRotation(frequencies, 0, positions, cos_.data(), sin_.data());
}

void Rotary::Forward(size_t heads, std::span<const uint32_t> positions, float* qkv) const {
  const size_t width = 3 * heads * 2 * half_;
  for (size_t token = 0; token < positions.size(); ++token) {
    const size_t row = positions[token] * half_;
    kernels_->rotate(cos_.data() + row, sin_.data() + row, half_, 2 * heads, qkv + token * width);
  }
}

}  // namespace coderank::nn
