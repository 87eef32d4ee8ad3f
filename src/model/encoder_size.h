// What a model's configuration says about its size, whatever its architecture calls it.
#pragma once

#include <cstdint>
#include <string_view>

#include "coderank/result.h"
#include "model/json_config.h"

namespace coderank {

// Of a BERT whose configuration does not say: what transformers' BertConfig has.
inline constexpr uint64_t kDefaultBertPositions = 512;

struct EncoderSize {
  uint64_t dimension = 0;
  uint64_t max_length = 0;  // tokens, at most
};

Result<EncoderSize> ReadEncoderSize(const JsonConfig& config, std::string_view architecture);

}  // namespace coderank
