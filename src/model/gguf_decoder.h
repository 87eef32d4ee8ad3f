// What a decoder's GGUF file says about the model, in the terms of its published configuration
// files: architectures `llama` and `qwen2`.
#pragma once

#include <cstdint>
#include <optional>

#include "coderank/result.h"
#include "model/gguf.h"
#include "model/json_config.h"
#include "tokenizer/byte_pair_tokenizer.h"

namespace coderank {

// The config.json that llama_config.h reads. kInvalidArgument for another architecture or a variant
// with other equations.
Result<JsonConfig> GgufDecoderConfig(const Gguf& gguf);

// Refers to the file's bytes.
Result<GgufBytePairs> ReadGgufBytePairs(const Gguf& gguf);

// Files of the architecture `llama` hold the rows of queries and keys in another order: the two
// halves of each head, which rotate together, interleaved.
struct InterleavedHeads {
  uint64_t queries;  // heads
  uint64_t keys;
};
// nullopt for architectures whose rows stand as published.
Result<std::optional<InterleavedHeads>> FindInterleavedHeads(const Gguf& gguf);

}  // namespace coderank
