// What an encoder's GGUF file says about the model, in the terms of its published configuration
// files: architectures `bert` and `nomic-bert`.
#pragma once

#include <cstdint>

#include "coderank/result.h"
#include "model/gguf.h"
#include "model/json_config.h"
#include "model/pooling.h"
#include "tokenizer/gguf_vocabulary.h"

namespace coderank {

// The config.json that the architecture's loader reads: model_type, sizes, variants.
// kInvalidArgument for another architecture or a variant with other equations.
Result<JsonConfig> GgufEncoderConfig(const Gguf& gguf);

// Of any architecture's file.
bool HasPooling(const Gguf& gguf);
Result<Pooling> GgufPooling(const Gguf& gguf);
// Tokens, special ones included, that the model was made for.
Result<uint64_t> GgufContextLength(const Gguf& gguf);

// Refers to the file's bytes.
Result<GgufVocabulary> ReadGgufVocabulary(const Gguf& gguf);

}  // namespace coderank
