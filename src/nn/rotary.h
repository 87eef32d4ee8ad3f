// Rotary position embedding: turns each head's query and key by angles that grow with the position.
//
// Half-split ("NeoX") pairing over the whole head: dimension i turns with dimension i +
// head_size/2. Not here: interleaved pairing, rotation of a part of the head, scaling of the angles
// for texts beyond the trained length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/kernel_set.h"

namespace coderank::nn {

// Immutable after construction, so thread-safe.
class Rotary {
 public:
  // Tables for the positions [0, positions): 4 * positions * head_size bytes. `head_size` is even.
  Rotary(const kernels::KernelSet& kernels, size_t head_size, float base, size_t positions);

  // Rotates Q and K in place.
  //   positions  of each token in its sequence, below the constructor's
  //   qkv        [tokens, 3 * heads * head_size]: a token's Q, K and V, each with its heads in a
  //   row
  void Forward(size_t heads, std::span<const uint32_t> positions, float* qkv) const;

 private:
  const kernels::KernelSet* kernels_;
  size_t half_;             // head_size / 2
  std::vector<float> cos_;  // [positions, half]
  std::vector<float> sin_;  // [positions, half]
};

// cos and sin [rows, frequencies] of the positions [first, first + rows), as KernelSet::rotate
// takes them, times `magnitude`: for contexts too long for a table.
void FillRotation(std::span<const float> frequencies, size_t first, size_t rows, float* cos,
                  float* sin, float magnitude = 1);

// base^(-2i / head_size) for i in [0, head_size / 2): radians a position.
std::vector<float> InverseFrequencies(size_t head_size, float base);

}  // namespace coderank::nn
