// Models of one small layer with random weights in the Hugging Face layout: real ones for tests
// that need one and do not care how well it ranks.
#pragma once

#include <cstdint>
#include <filesystem>

namespace coderank::testing {

// A BERT.
struct TinyModelOptions {
  uint32_t seed = 1;
  int hidden = 32;
  bool normalize = true;
  bool cross_encoder = false;  // a judge of pairs instead of an embedder: no modules.json
};

// Writes config.json, vocab.txt and model.safetensors, and for an embedder modules.json and
// 1_Pooling/config.json.
void WriteTinyModel(const std::filesystem::path& folder, const TinyModelOptions& options = {});

// A Qwen2 whose tokens are the 256 bytes, <|im_start|>, <|im_end|> and <|endoftext|>, in this
// order.
struct TinyDecoderOptions {
  uint32_t seed = 1;
  bool embedder = false;  // without a head, with modules.json: the last token is the text's
};
inline constexpr int kTinyDecoderHidden = 32;

void WriteTinyDecoder(const std::filesystem::path& folder, const TinyDecoderOptions& options = {});

}  // namespace coderank::testing
