// NomicBERT encoders: CodeRankEmbed, snowflake-arctic-embed-m-long and others of model_type
// "nomic_bert".
#pragma once

#include <memory>

#include "kernels/kernel_set.h"
#include "model/encoder.h"
#include "model/json_config.h"
#include "model/layer_source.h"

namespace coderank {

// An EncoderLoader (architectures.h), for the files of the published modelling code and of
// transformers' own class (nomic_bert_config.h). Variants that no published search model uses
// (biases, prenorm, RMSNorm, other activations, partial or interleaved rotation, scaled positions)
// are errors that name the field.
Result<std::unique_ptr<Encoder>> LoadNomicBert(const JsonConfig& config, LayerSource& layers,
                                               const kernels::KernelSet& kernels);

}  // namespace coderank
