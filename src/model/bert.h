// BERT encoders: MiniLM and other models of model_type "bert".
#pragma once

#include <memory>

#include "kernels/kernel_set.h"
#include "model/encoder.h"
#include "model/json_config.h"
#include "model/layer_source.h"
#include "model/pair_head.h"

namespace coderank {

// An EncoderLoader (architectures.h). The weights may carry the prefix `bert.` and the old names
// of LayerNorm (gamma, beta); stored position ids are ignored, and so is a pooler, which is not
// part of the encoder.
Result<std::unique_ptr<Encoder>> LoadBert(const JsonConfig& config, LayerSource& layers,
                                          const kernels::KernelSet& kernels);

// What BertForSequenceClassification has on top of the encoder, for pairs of texts with one score:
// `pooler.dense` and `classifier`. kInvalidArgument for a model without token types.
Result<PairHead> LoadBertPairHead(const JsonConfig& config, LayerSource& layers,
                                  const kernels::KernelSet& kernels);

}  // namespace coderank
