// BERT encoders: MiniLM and other models of model_type "bert".
#pragma once

#include <memory>

#include "kernels/kernel_set.h"
#include "model/encoder.h"
#include "model/json_config.h"
#include "model/layer_source.h"

namespace coderank {

// An EncoderLoader (architectures.h). The weights may carry the prefix `bert.` and the old names
// of LayerNorm (gamma, beta); a pooler and stored position ids are ignored.
Result<std::unique_ptr<Encoder>> LoadBert(const JsonConfig& config, LayerSource& layers,
                                          const kernels::KernelSet& kernels);

}  // namespace coderank
