// What a config.json says about a decoder of the Llama family.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "coderank/result.h"
#include "model/json_config.h"
#include "model/rotary_scaling.h"

namespace coderank {

struct LlamaConfig {
  size_t hidden;
  size_t layers;
  size_t heads;
  size_t kv_heads;
  size_t head_size;
  size_t inner;
  size_t positions;
  size_t vocabulary;
  float epsilon;
  float rotary_base;
  std::optional<RotaryScaling> scaling;
  bool qkv_bias;
  bool output_bias;  // of attention
  bool tied_head;
};

// Whether a config.json's model_type is one of the family's.
bool IsDecoder(std::string_view model_type);

// kInvalidArgument for another model type, kCorrupt for values with other equations than llama.cc's
// and for sizes beyond all published models.
Result<LlamaConfig> ReadLlamaConfig(const JsonConfig& json);

// [head_size / 2]: radians a position.
std::vector<float> RotaryFrequencies(const LlamaConfig& config);

}  // namespace coderank
