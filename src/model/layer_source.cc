#include "model/layer_source.h"

#include <utility>

#include "base/try.h"

namespace coderank {

Result<nn::LayerNorm> NormOfFloats(LayerSource& source, const kernels::KernelSet& kernels,
                                   const NormSpec& spec) {
  const uint64_t shape[] = {spec.n};
  CODERANK_ASSIGN(auto gamma, source.Floats(spec.gamma, shape));
  CODERANK_ASSIGN(auto beta, source.Floats(spec.beta, shape));
  return nn::LayerNorm(kernels, std::move(gamma), std::move(beta), spec.epsilon);
}

}  // namespace coderank
