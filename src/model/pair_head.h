// The head of a cross-encoder: the first token's state to one logit,
//
//   logit = w . tanh(x Wp + bp) + b
//
// always in f32: for MiniLM it is 1 / 18,000 of the work on a pair of 256 tokens.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "kernels/kernel_set.h"
#include "nn/linear.h"

namespace coderank {

// Immutable after construction, so thread-safe.
class PairHead {
 public:
  // `pooler` is [hidden, hidden], `pooler_bias` and `classifier` are [hidden].
  PairHead(const kernels::KernelSet& kernels, std::span<const float> pooler,
           std::vector<float> pooler_bias, std::vector<float> classifier, float classifier_bias);

  // `state` is [hidden].
  float Logit(const float* state) const;

 private:
  std::unique_ptr<nn::Linear> pooler_;
  std::vector<float> classifier_;
  float classifier_bias_;
};

}  // namespace coderank
