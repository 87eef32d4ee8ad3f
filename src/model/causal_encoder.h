// A decoder as an encoder: embedders that were made of language models, such as nomic-embed-code.
#pragma once

#include <memory>

#include "kernels/kernel_set.h"
#include "model/decoder.h"
#include "model/encoder.h"
#include "model/json_config.h"
#include "model/layer_source.h"

namespace coderank {

// Its states are those of the decoder after reading each sequence from its beginning: a state knows
// the tokens before it and none behind it, so it is the last one that knows the text.
std::unique_ptr<Encoder> MakeCausalEncoder(std::shared_ptr<const Decoder> decoder);

// Of the model types of llama.h.
Result<std::unique_ptr<Encoder>> LoadCausalEncoder(const JsonConfig& config, LayerSource& layers,
                                                   const kernels::KernelSet& kernels);

}  // namespace coderank
