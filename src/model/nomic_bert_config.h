// What a config.json says about a NomicBERT model.
//
// There are two kinds of such files: the published modelling code's (n_embd, n_layer, ...), and
// that of transformers' own class since version 5 (hidden_size, num_hidden_layers, ...). Here the
// second kind is translated to the first.
#pragma once

#include <cstddef>

#include "coderank/result.h"
#include "model/json_config.h"

namespace coderank {

struct NomicBertConfig {
  size_t hidden;
  size_t layers;
  size_t heads;
  size_t inner;
  size_t positions;
  size_t types;  // 0: no type embedding
  size_t vocabulary;
  float epsilon;
  float rotary_base;
};

// The configuration by the published code's names; `json` itself where it has them already.
// kInvalidArgument for values of transformers' class that those names cannot say.
Result<JsonConfig> PublishedNomicBertConfig(const JsonConfig& json);

// kInvalidArgument for values with other equations than nomic_bert.cc's and for sizes beyond all
// published models.
Result<NomicBertConfig> ReadNomicBertConfig(const JsonConfig& json);

}  // namespace coderank
