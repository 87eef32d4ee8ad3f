// ChatFormat: instructions as the tokens that a conversational decoder was trained on.
//
// One form, ChatML, which Qwen2, the models made of it and SmolLM2 share:
//
//   <|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\n{user}<|im_end|>\n
//   <|im_start|>assistant\n
//
// The markers are tokens, and only this class makes them: a text that spells one is spelled out,
// so nobody's snippet can end the user's message.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "coderank/result.h"
#include "tokenizer/byte_pair_tokenizer.h"

namespace coderank {

// Immutable, so thread-safe.
class ChatFormat {
 public:
  // `tokenizer` must outlive this. kInvalidArgument for one that lacks the markers.
  static Result<ChatFormat> Of(const BytePairTokenizer& tokenizer);

  // Both messages and the beginning of the answer. For texts without names of special tokens these
  // are the ids that the model's own template gives.
  std::vector<int32_t> Prompt(std::string_view system, std::string_view user) const;

  // Ends an answer.
  int32_t end() const { return end_; }

 private:
  ChatFormat(const BytePairTokenizer& tokenizer, int32_t start, int32_t end)
      : tokenizer_(&tokenizer), start_(start), end_(end) {}

  const BytePairTokenizer* tokenizer_;
  int32_t start_;
  int32_t end_;
};

}  // namespace coderank
