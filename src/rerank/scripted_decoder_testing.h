// A decoder whose next token a test decides, and a tokenizer of single bytes with ChatML's markers:
// what reads a prompt and writes an answer can be tested without a model.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kernels/kernel_set.h"
#include "model/decoder.h"
#include "model/load_decoder.h"
#include "text/utf8.h"
#include "tokenizer/byte_level.h"

namespace coderank {

inline constexpr int32_t kStartMarker = 256;
inline constexpr int32_t kEndMarker = 257;
inline constexpr size_t kScriptVocabulary = 258;

// Bytes are their own ids; those of `missing` have none.
inline std::shared_ptr<const BytePairTokenizer> ByteTokenizer(bool with_chat = true,
                                                              std::string_view missing = {}) {
  constexpr int64_t kNormal = 1;  // ggml's token types
  constexpr int64_t kControl = 3;
  constexpr int64_t kUnused = 5;
  std::vector<std::string> spellings(256);
  for (size_t byte = 0; byte < spellings.size(); ++byte) {
    AppendUtf8(SpellingOfByte(static_cast<uint8_t>(byte)), spellings[byte]);
  }
  GgufBytePairs values;
  values.tokens.assign(spellings.begin(), spellings.end());
  values.types.assign(spellings.size(), kNormal);
  for (const char c : missing) values.types[static_cast<unsigned char>(c)] = kUnused;
  values.splitter = "gpt-2";
  if (with_chat) {
    values.tokens.insert(values.tokens.end(), {"<|im_start|>", "<|im_end|>"});
    values.types.insert(values.types.end(), {kControl, kControl});
  }
  auto tokenizer = MakeGgufBytePairTokenizer(values, "bytes");
  EXPECT_TRUE(tokenizer) << tokenizer.error().message();
  return *std::move(tokenizer);
}

// Calls `next` with all tokens so far for the logits of what follows. The cache keeps the tokens,
// as keys of one head of one number.
class ScriptedDecoder : public Decoder {
 public:
  using Next = std::function<std::vector<float>(std::span<const int32_t> tokens)>;

  explicit ScriptedDecoder(Next next, size_t positions = 1 << 16, bool has_head = true)
      : next_(std::move(next)), positions_(positions), has_head_(has_head) {}

  size_t hidden_size() const override { return kScriptVocabulary; }
  size_t vocabulary_size() const override { return kScriptVocabulary; }
  size_t max_positions() const override { return positions_; }
  bool has_head() const override { return has_head_; }
  size_t passes() const { return passes_; }
  size_t tokens_read() const { return tokens_read_; }

  nn::KvCache MakeCache(size_t capacity) const override {
    return {*kernels::AllKernelSets().front(),
            {.layers = 1, .heads = 1, .head_size = 1, .capacity = capacity}};
  }

  // States are logits; only the last row's are made.
  const float* Forward(std::span<const int32_t> ids, ThreadPool*, nn::KvCache& cache,
                       nn::DecoderWorkspace& workspace) const override {
    const std::vector<float> numbers(ids.begin(), ids.end());
    cache.Write(0, numbers.data(), numbers.data(), 1, ids.size());
    cache.Advance(ids.size());
    const float* kept = cache.keys(0, 0);
    std::vector<int32_t> all;
    for (size_t i = 0; i < cache.length(); ++i) all.push_back(static_cast<int32_t>(kept[i]));
    float* states = workspace.hidden.Reserve(ids.size() * kScriptVocabulary);
    std::fill_n(states, ids.size() * kScriptVocabulary, 0.0F);
    const std::vector<float> logits = next_(all);
    std::copy(logits.begin(), logits.end(), states + (ids.size() - 1) * kScriptVocabulary);
    ++passes_;
    tokens_read_ += ids.size();
    return states;
  }
  void Logits(const float* states, size_t rows, ThreadPool*, nn::DecoderWorkspace&,
              float* logits) const override {
    std::copy_n(states, rows * kScriptVocabulary, logits);
  }

 private:
  Next next_;
  size_t positions_;
  bool has_head_;
  mutable size_t passes_ = 0;  // tests use one thread
  mutable size_t tokens_read_ = 0;
};

}  // namespace coderank
