// Any tokenizer.json and any text: no crash, and what Encode promises holds. The first byte says
// how long the JSON is, in 256ths of the rest; without a usable tokenizer in the input the text
// goes through a fixed one.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <utility>

#include "tokenizer/tokenizer.h"
#include "tokenizer/tokenizer_spec.h"

namespace {

constexpr std::string_view kFixed = R"({
  "added_tokens": [
    {"id": 3, "content": "[S]", "single_word": false, "lstrip": true, "rstrip": true,
     "normalized": false, "special": true},
    {"id": 9, "content": "Ab", "single_word": true, "lstrip": false, "rstrip": false,
     "normalized": true, "special": false}],
  "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                 "strip_accents": true, "lowercase": true},
  "pre_tokenizer": {"type": "BertPreTokenizer"},
  "post_processor": {"type": "BertProcessing", "cls": ["[C]", 2], "sep": ["[S]", 3]},
  "model": {"type": "WordPiece", "unk_token": "[U]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 10,
            "vocab": {"[U]": 1, "[C]": 2, "[S]": 3, "a": 4, "##a": 5, "##b": 6, "-": 7}}})";

using TokenizerResult = coderank::Result<std::unique_ptr<coderank::Tokenizer>>;

TokenizerResult Parse(std::string_view json) {
  auto spec = coderank::ParseTokenizerJson(json, "fuzz");
  if (!spec) return spec.error();
  return coderank::BuildTokenizer(*spec, "fuzz");
}

void Require(bool condition) {
  if (!condition) std::abort();
}

// Truncation cuts the full encoding and changes nothing else.
void CheckEncode(const coderank::Tokenizer& tokenizer, std::string_view text) {
  constexpr size_t kLimit = 8;
  const auto full = tokenizer.Encode(text, size_t{1} << 30);
  const auto cut = tokenizer.Encode(text, kLimit);
  Require(!full.truncated && cut.ids.size() <= kLimit);
  Require(cut.truncated == (full.ids.size() > kLimit));
  Require(cut.truncated || cut.ids == full.ids);
  for (const int32_t id : full.ids) {
    Require(id >= 0 && static_cast<size_t>(id) < tokenizer.vocabulary_size());
  }
}

// The text and its first half as a pair.
void CheckPair(const coderank::Tokenizer& tokenizer, std::string_view text) {
  constexpr size_t kLimit = 9;
  const std::string_view first = text.substr(0, text.size() / 2);
  const auto full = tokenizer.EncodePair(first, text, size_t{1} << 30);
  if (!full) return;  // the tokenizer has no form for pairs
  const auto cut = tokenizer.EncodePair(first, text, kLimit);
  Require(cut && cut->ids.size() <= kLimit && cut->second_begin <= cut->ids.size());
  Require(!full->truncated && cut->truncated == (full->ids.size() > kLimit));
  Require(cut->truncated || (cut->ids == full->ids && cut->second_begin == full->second_begin));
  for (const int32_t id : full->ids) {
    Require(id >= 0 && static_cast<size_t>(id) < tokenizer.vocabulary_size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const TokenizerResult fixed = Parse(kFixed);
  if (size == 0) return 0;
  std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string_view json = input.substr(0, input.size() * data[0] / 256);
  input.remove_prefix(json.size());
  const TokenizerResult parsed = Parse(json);
  const coderank::Tokenizer& tokenizer = parsed ? **parsed : **fixed;
  CheckEncode(tokenizer, input);
  CheckPair(tokenizer, input);
  return 0;
}
