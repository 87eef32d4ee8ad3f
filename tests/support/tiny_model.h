// A BERT of one small layer with random weights in the Hugging Face layout: a real model for
// tests that need one and do not care how well it ranks.
#pragma once

#include <cstdint>
#include <filesystem>

namespace coderank::testing {

struct TinyModelOptions {
  uint32_t seed = 1;
  int hidden = 32;
  bool normalize = true;
  bool cross_encoder = false;  // a judge of pairs instead of an embedder: no modules.json
};

// Writes config.json, vocab.txt and model.safetensors, and for an embedder modules.json and
// 1_Pooling/config.json.
void WriteTinyModel(const std::filesystem::path& folder, const TinyModelOptions& options = {});

}  // namespace coderank::testing
