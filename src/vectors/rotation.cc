#include "vectors/rotation.h"

#include <bit>
#include <cmath>
#include <cstdint>

namespace coderank {
namespace {

// Head, tail, head, tail.
constexpr size_t kRounds = 4;

// The Hadamard transform without its factor: of a pair (a, b) at the distance `half` it makes
// (a + b, a - b), for all powers of two below the size.
void Hadamard(std::span<float> x) {
  for (size_t half = 1; half < x.size(); half *= 2) {
    for (size_t first = 0; first < x.size(); first += 2 * half) {
      float* low = x.data() + first;
      float* high = low + half;
      for (size_t i = 0; i < half; ++i) {
        const float a = low[i];
        const float b = high[i];
        low[i] = a + b;
        high[i] = a - b;
      }
    }
  }
}

}  // namespace

// The signs are part of the file format: another choice needs another version of it. They come from
// the high bits of a linear congruential generator (Knuth's MMIX).
Rotation::Rotation(size_t dimension) : block_(std::bit_floor(dimension)) {
  const float factor = 1 / std::sqrt(static_cast<float>(block_));
  uint64_t state = 1;
  for (size_t i = 0; i < kRounds * block_; ++i) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    signs_.push_back(state >> 63 != 0 ? factor : -factor);
  }
}

// Random signs and a Hadamard transform spread each coordinate over a block of a power of two.
// Where the dimension is none, blocks at the head and at the tail take turns: they overlap by more
// than nothing, and what one leaves out the other mixes in.
void Rotation::Apply(std::span<float> vector) const {
  for (size_t round = 0; round < kRounds; ++round) {
    const auto block = round % 2 == 0 ? vector.first(block_) : vector.last(block_);
    const float* signs = signs_.data() + round * block_;
    for (size_t i = 0; i < block_; ++i) block[i] *= signs[i];
    Hadamard(block);
  }
}

}  // namespace coderank
