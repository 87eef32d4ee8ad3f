#include "nn/rotary.h"

#include <algorithm>
#include <cmath>

#include "nn/parallel.h"

namespace coderank::nn {
namespace {

// Two multiply-adds an element, through memory once.
constexpr size_t kWorkPerElement = 4;

// (a, b) -> (a cos - b sin, b cos + a sin) for the pairs (i, i + half).
void RotateHead(const float* cos, const float* sin, size_t half, float* head) {
  for (size_t i = 0; i < half; ++i) {
    const float a = head[i];
    const float b = head[half + i];
    head[i] = a * cos[i] - b * sin[i];
    head[half + i] = b * cos[i] + a * sin[i];
  }
}

}  // namespace

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

Rotary::Rotary(size_t head_size, float base, size_t positions) : half_(head_size / 2) {
  const std::vector<float> frequencies = InverseFrequencies(head_size, base);
  cos_.reserve(positions * half_);
  sin_.reserve(positions * half_);
  for (size_t position = 0; position < positions; ++position) {
    for (const float frequency : frequencies) {
      const float angle = static_cast<float>(position) * frequency;
      cos_.push_back(std::cos(angle));
      sin_.push_back(std::sin(angle));
    }
  }
}

void Rotary::Forward(ThreadPool* pool, size_t heads, std::span<const size_t> offsets,
                     float* qkv) const {
  const size_t tokens = offsets.back();
  const size_t head_size = 2 * half_;
  const size_t threads = ThreadsFor(pool, tokens * 2 * heads * head_size * kWorkPerElement);
  ForChunks(pool, tokens, threads, [&](size_t, size_t begin, size_t end) {
    // The sequence that holds the token: the last one that starts at or before it.
    const auto after = std::upper_bound(offsets.begin(), offsets.end(), begin);
    auto sequence = static_cast<size_t>(after - offsets.begin()) - 1;
    for (size_t token = begin; token < end; ++token) {
      while (token >= offsets[sequence + 1]) ++sequence;
      const size_t row = (token - offsets[sequence]) * half_;
      float* head = qkv + token * 3 * heads * head_size;
      for (size_t i = 0; i < 2 * heads; ++i, head += head_size) {  // Q's heads, then K's
        RotateHead(cos_.data() + row, sin_.data() + row, half_, head);
      }
    }
  });
}

}  // namespace coderank::nn
