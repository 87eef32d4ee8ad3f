#include "model/pair_head.h"

#include <cmath>
#include <memory>
#include <utility>

namespace coderank {

PairHead::PairHead(const kernels::KernelSet& kernels, std::span<const float> pooler,
                   std::vector<float> pooler_bias, std::vector<float> classifier,
                   float classifier_bias)
    : pooler_(std::make_unique<nn::Linear>(kernels, pooler, std::move(pooler_bias),
                                           classifier.size(), classifier.size())),
      classifier_(std::move(classifier)),
      classifier_bias_(classifier_bias) {}

float PairHead::Logit(const float* state) const {
  std::vector<float> pooled(classifier_.size());
  nn::ProjectionScratch scratch;
  pooler_->Forward(nullptr, state, 1, pooled.data(), scratch);
  double sum = classifier_bias_;
  for (size_t i = 0; i < pooled.size(); ++i) {
    sum += static_cast<double>(std::tanh(pooled[i])) * classifier_[i];
  }
  return static_cast<float>(sum);
}

}  // namespace coderank
