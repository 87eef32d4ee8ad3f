// Decoders of the Llama family: model types "llama" and "qwen2".
#pragma once

#include <memory>

#include "kernels/kernel_set.h"
#include "model/decoder.h"
#include "model/json_config.h"
#include "model/layer_source.h"

namespace coderank {

// `config` is that of the published model. Tensors may lack the prefix `model.`; the head may be
// missing.
Result<std::unique_ptr<Decoder>> LoadLlama(const JsonConfig& config, LayerSource& layers,
                                           const kernels::KernelSet& kernels);

}  // namespace coderank
