// The table of encoder architectures: `model_type` of config.json to its loader.
//
// A new architecture is one file with a loader and one row in architectures.cc.
#pragma once

#include <memory>

#include "kernels/kernel_set.h"
#include "model/encoder.h"
#include "model/json_config.h"
#include "model/layer_source.h"

namespace coderank {

using EncoderLoader = Result<std::unique_ptr<Encoder>> (*)(const JsonConfig& config,
                                                           LayerSource& layers,
                                                           const kernels::KernelSet& kernels);

// The loader for this architecture; kInvalidArgument, listing the known ones, if there is none.
Result<EncoderLoader> FindArchitecture(std::string_view model_type);

}  // namespace coderank
