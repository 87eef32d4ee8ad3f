// Hidden states of a sequence to one vector.
#pragma once

#include <cstddef>
#include <span>

#include "kernels/kernel_set.h"

namespace coderank {

enum class Pooling {
  kCls,   // the first token's state
  kMean,  // the mean over all tokens, special ones included
  kLast,  // the last token's state: what a decoder makes of the whole text
};

// vector[hidden] from states[tokens, hidden], tokens >= 1.
void Pool(const kernels::KernelSet& kernels, Pooling pooling, const float* states, size_t tokens,
          std::span<float> vector);

// Divides by the Euclidean length; a zero vector stays zero (torch's normalize: max(length,
// 1e-12)).
void NormalizeL2(std::span<float> vector);

}  // namespace coderank
