// How decoders turn positions beyond those they were trained on: the `rope_scaling` of a
// config.json, or `rope_parameters` in newer ones.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "coderank/result.h"
#include "model/json_config.h"

namespace coderank {

struct RotaryScaling {
  enum class Kind {
    kLinear,  // every frequency is divided by `factor`
    kLlama3,  // those of long waves are; between two lengths, partly
    kYarn,    // those that turn seldom within the trained length are; between two counts, partly
  };
  Kind kind;
  float factor;
  float trained_positions;  // kLlama3 and kYarn, as all below
  float low;                // kLlama3: low_freq_factor; kYarn: beta_slow, turns
  float high;               // kLlama3: high_freq_factor; kYarn: beta_fast, turns
  bool whole_dimensions;    // kYarn: the two counts are rounded to dimensions
  float magnitude;          // kYarn: of the rotated queries and keys
};

// Nothing where the frequencies stay as they are, which is so for "dynamic" too: it scales beyond
// max_position_embeddings, which no text exceeds. kInvalidArgument for other kinds and for numbers
// that are missing. `positions` is max_position_embeddings.
Result<std::optional<RotaryScaling>> ReadRotaryScaling(const JsonConfig& rotary, size_t positions);

// Of one head, with rotary base `base`.
void ScaleFrequencies(const RotaryScaling& scaling, float base, std::span<float> frequencies);

}  // namespace coderank
