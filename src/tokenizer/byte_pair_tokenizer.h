// The byte-level BPE tokenizers of decoders: GPT-2's kind, with the splitting rules of Qwen2,
// Llama 3, SmolLM2 and others.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "coderank/result.h"
#include "tokenizer/tokenizer.h"

namespace coderank {

// Immutable after loading, so thread-safe.
class BytePairTokenizer : public Tokenizer {
 public:
  // Appends the ids of `text`, without special tokens around it.
  //
  //   AppendText       `text` is nothing but text: what looks like a special token is spelled
  //                    out. For all that comes from users or files.
  //   AppendTemplate   names of added tokens are those tokens. For prompts of the program.
  virtual void AppendText(std::string_view text, std::vector<int32_t>& ids) const = 0;
  virtual void AppendTemplate(std::string_view text, std::vector<int32_t>& ids) const = 0;

  // As Encode, which takes names of added tokens for those tokens, but `text` is nothing but text.
  virtual Encoding EncodeText(std::string_view text, size_t max_tokens) const = 0;

  // The id of the added token of this name ("<|im_end|>").
  virtual std::optional<int32_t> FindAdded(std::string_view name) const = 0;

  // The bytes that the ids stand for, special tokens by their names; need not be UTF-8. Ids
  // outside the vocabulary stand for nothing.
  virtual std::string Decode(std::span<const int32_t> ids) const = 0;
};

// The `tokenizer.json` of a folder. kNotFound without one, kCorrupt for a malformed file,
// kInvalidArgument for another kind of tokenizer.
Result<std::unique_ptr<BytePairTokenizer>> LoadBytePairTokenizer(
    const std::filesystem::path& folder);

// The same tokens, but that Encode is EncodeText: for models that read texts of others as a whole.
std::unique_ptr<Tokenizer> AsTextTokenizer(std::unique_ptr<BytePairTokenizer> tokenizer);

// The values of a GGUF file with tokenizer.ggml.model "gpt2". Refers to the file's text; a token's
// place is its id.
struct GgufBytePairs {
  std::vector<std::string_view> tokens;
  std::vector<int64_t> types;            // ggml's token types
  std::vector<std::string_view> merges;  // "left right", in order
  std::string_view splitter;             // tokenizer.ggml.pre
  std::optional<uint64_t> begin;         // put before every text
  std::optional<uint64_t> end;           // put after it
};

// `name` names the file in messages.
Result<std::unique_ptr<BytePairTokenizer>> MakeGgufBytePairTokenizer(const GgufBytePairs& values,
                                                                     std::string_view name);

}  // namespace coderank
