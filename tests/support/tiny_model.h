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
};

// Writes config.json, vocab.txt, modules.json, 1_Pooling/config.json and model.safetensors.
void WriteTinyModel(const std::filesystem::path& folder, const TinyModelOptions& options = {});

}  // namespace coderank::testing
