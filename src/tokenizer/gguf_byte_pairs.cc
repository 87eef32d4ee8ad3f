// The byte-level BPE tokenizer of a GGUF file.
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "tokenizer/byte_pair_spec.h"

namespace coderank {
namespace {

// ggml's token types, on disk.
constexpr int64_t kNormalToken = 1;
constexpr int64_t kControlToken = 3;
constexpr int64_t kUserDefinedToken = 4;
constexpr int64_t kUnusedToken = 5;

// Text of all tokens and of all merges: more than any published file has.
constexpr uint64_t kMaxBytes = uint64_t{64} << 20;

// What the format does not hold: it names a splitter, and the published tokenizers with that
// splitter have these.
bool ComposesText(std::string_view splitter) {
  return splitter == "qwen2" || splitter == "deepseek-r1-qwen";
}
bool IgnoresMerges(std::string_view splitter) {
  return splitter == "llama-bpe" || splitter == "llama3" || splitter == "llama-v3";
}

Status CheckSizes(const GgufBytePairs& values, std::string_view name) {
  uint64_t bytes = 0;
  for (const std::string_view token : values.tokens) bytes += token.size();
  for (const std::string_view merge : values.merges) bytes += merge.size();
  if (bytes > kMaxBytes) {
    return InvalidArgument(StrCat(name, ": tokenizer.ggml.tokens and merges: expected at most ",
                                  kMaxBytes, " bytes, found ", bytes));
  }
  if (values.types.empty() || values.types.size() == values.tokens.size()) return OkStatus();
  return Corrupt(StrCat(name, ": tokenizer.ggml.token_type: expected ", values.tokens.size(),
                        " types, one a token, found ", values.types.size()));
}

Status ReadTokens(const GgufBytePairs& values, BytePairSpec& spec) {
  spec.vocabulary.reserve(values.tokens.size());
  for (size_t id = 0; id < values.tokens.size(); ++id) {
    const int64_t type = values.types.empty() ? kNormalToken : values.types[id];
    if (type == kUnusedToken) continue;  // fills up the embedding table
    const auto number = static_cast<int32_t>(id);
    spec.vocabulary.emplace(values.tokens[id], number);
    if (type != kControlToken && type != kUserDefinedToken) continue;
    AddedToken token;
    token.content = values.tokens[id];
    token.id = number;
    spec.added_tokens.push_back(std::move(token));
  }
  return OkStatus();
}

Status ReadMerges(const GgufBytePairs& values, std::string_view name, BytePairSpec& spec) {
  spec.merges.reserve(values.merges.size());
  for (const std::string_view merge : values.merges) {
    const size_t space = merge.find(' ', 1);
    if (space == std::string_view::npos || space + 1 == merge.size()) {
      return Corrupt(StrCat(name, ": tokenizer.ggml.merges: expected pairs of tokens, found \"",
                            merge.substr(0, 40), "\""));
    }
    spec.merges.emplace_back(merge.substr(0, space), merge.substr(space + 1));
  }
  return OkStatus();
}

Status ReadSpecial(const GgufBytePairs& values, std::optional<uint64_t> id, std::string_view name,
                   std::vector<int32_t>& ids) {
  if (!id) return OkStatus();
  if (*id >= values.tokens.size()) {
    return Corrupt(
        StrCat(name, ": expected special token ids below ", values.tokens.size(), ", found ", *id));
  }
  ids.push_back(static_cast<int32_t>(*id));
  return OkStatus();
}

}  // namespace

Result<std::unique_ptr<BytePairTokenizer>> MakeGgufBytePairTokenizer(const GgufBytePairs& values,
                                                                     std::string_view name) {
  CODERANK_TRY(CheckSizes(values, name));
  const std::optional<SplitRules> rules = FindSplitName(values.splitter);
  if (!rules) {
    return InvalidArgument(StrCat(name, ": tokenizer.ggml.pre: expected a known splitter such as ",
                                  "gpt-2, llama-bpe, qwen2 or smollm, found \"", values.splitter,
                                  "\""));
  }
  BytePairSpec spec;
  spec.split = *rules;
  spec.compose = ComposesText(values.splitter);
  spec.ignore_merges = IgnoresMerges(values.splitter);
  CODERANK_TRY(ReadTokens(values, spec));
  CODERANK_TRY(ReadMerges(values, name, spec));
  CODERANK_TRY(ReadSpecial(values, values.begin, name, spec.before));
  CODERANK_TRY(ReadSpecial(values, values.end, name, spec.after));
  return BuildBytePairTokenizer(spec, name);
}

}  // namespace coderank
