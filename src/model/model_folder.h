// The parts of a model's folder that stand in different files by its format: config.json and the
// tokenizer's files beside safetensors, or the metadata of a GGUF file. Weights: weight_files.h.
#pragma once

#include <filesystem>
#include <memory>

#include "coderank/result.h"
#include "model/gguf.h"
#include "model/json_config.h"
#include "tokenizer/tokenizer.h"

namespace coderank {

// Of encoders and decoders.
Result<JsonConfig> GgufConfig(const Gguf& gguf);
Result<JsonConfig> LoadModelConfig(const std::filesystem::path& folder);

// Of encoders; a decoder's is loaded by load_decoder.h.
Result<std::unique_ptr<Tokenizer>> LoadModelTokenizer(const std::filesystem::path& folder);

}  // namespace coderank
