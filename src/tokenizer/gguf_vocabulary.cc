#include "tokenizer/gguf_vocabulary.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "text/utf8.h"
#include "tokenizer/tokenizer_spec.h"

namespace coderank {
namespace {

constexpr std::string_view kPhantomSpace = "\xe2\x96\x81";  // U+2581
constexpr std::string_view kContinuation = "##";
// As for a tokenizer.json: text of all tokens together.
constexpr uint64_t kMaxBytes = uint64_t{32} << 20;

// ggml's token types, on disk.
constexpr int64_t kUnknownToken = 2;
constexpr int64_t kControlToken = 3;
constexpr int64_t kUserDefinedToken = 4;
constexpr int64_t kUnusedToken = 5;

Status CheckSizes(const GgufVocabulary& vocabulary, std::string_view name) {
  uint64_t bytes = 0;
  for (const std::string_view token : vocabulary.tokens) bytes += token.size();
  if (vocabulary.tokens.size() > INT32_MAX || bytes > kMaxBytes) {
    return InvalidArgument(StrCat(name, ": tokenizer.ggml.tokens: expected at most ", kMaxBytes,
                                  " bytes, found ", bytes));
  }
  if (!vocabulary.types.empty() && vocabulary.types.size() != vocabulary.tokens.size()) {
    return Corrupt(StrCat(name, ": tokenizer.ggml.token_type: expected ", vocabulary.tokens.size(),
                          " types, one a token, found ", vocabulary.types.size()));
  }
  return OkStatus();
}

// Turns the tokens into a TokenizerSpec with the plain spelling.
class SpecWriter {
 public:
  SpecWriter(const GgufVocabulary& vocabulary, std::string_view name)
      : vocabulary_(vocabulary),
        name_(name),
        phantom_(HasPhantomSpaces()),
        is_special_(vocabulary.tokens.size()) {}

  Result<TokenizerSpec> Write() {
    CODERANK_TRY(ReadRoles());
    for (size_t id = 0; id < vocabulary_.tokens.size(); ++id) AddToken(id);
    spec_.normalizer.lowercase = vocabulary_.lowercase;
    spec_.normalizer.strip_accents = vocabulary_.strip_accents.value_or(vocabulary_.lowercase);
    AssignIds(spec_.vocabulary, spec_.added_tokens);
    return std::move(spec_);
  }

 private:
  int64_t Type(size_t id) const { return vocabulary_.types.empty() ? 1 : vocabulary_.types[id]; }

  // By which spelling marks more tokens: a plain vocabulary can hold U+2581 as a character of its
  // own, and the other way round "##" is a piece like any other.
  bool HasPhantomSpaces() const {
    size_t phantom = 0;
    size_t plain = 0;
    for (size_t id = 0; id < vocabulary_.tokens.size(); ++id) {
      if (Type(id) == kControlToken) continue;
      phantom += vocabulary_.tokens[id].starts_with(kPhantomSpace) ? 1U : 0U;
      plain += vocabulary_.tokens[id].starts_with(kContinuation) ? 1U : 0U;
    }
    return phantom > plain;
  }

  // A token that stands for itself: without the phantom space that some converters give it.
  std::string SpecialText(size_t id) const {
    std::string_view text = vocabulary_.tokens[id];
    if (phantom_ && text.starts_with(kPhantomSpace)) text.remove_prefix(kPhantomSpace.size());
    return std::string(text);
  }

  std::string PieceText(size_t id) const {
    const std::string_view text = vocabulary_.tokens[id];
    if (!phantom_ || text.starts_with(kPhantomSpace)) return SpecialText(id);
    return StrCat(kContinuation, text);
  }

  // The id of a role: that of its key, or else of the token that BERT has for it.
  Result<std::optional<int32_t>> RoleId(std::string_view key, std::optional<uint64_t> id,
                                        std::string_view otherwise) {
    const auto& tokens = vocabulary_.tokens;
    if (!id) {
      const auto found = std::find(tokens.begin(), tokens.end(), otherwise);
      if (found == tokens.end()) return std::optional<int32_t>();
      id = static_cast<uint64_t>(found - tokens.begin());
    }
    if (*id >= tokens.size()) {
      return Corrupt(StrCat(name_, ": tokenizer.ggml.", key, ": expected an id below ",
                            tokens.size(), ", found ", *id));
    }
    is_special_[*id] = true;
    return std::optional(static_cast<int32_t>(*id));
  }

  Result<int32_t> RequiredRoleId(std::string_view key, std::optional<uint64_t> id,
                                 std::string_view otherwise) {
    CODERANK_ASSIGN(const std::optional<int32_t> found, RoleId(key, id, otherwise));
    if (found) return *found;
    return Corrupt(StrCat(name_, ": tokenizer.ggml.", key, ": expected an id, or a token ",
                          otherwise, ", found neither"));
  }

  Status ReadRoles() {
    CODERANK_ASSIGN(const int32_t cls, RequiredRoleId("cls_token_id", vocabulary_.cls, "[CLS]"));
    CODERANK_ASSIGN(const int32_t separator,
                    RequiredRoleId("seperator_token_id", vocabulary_.separator, "[SEP]"));
    CODERANK_ASSIGN(const int32_t unknown,
                    RequiredRoleId("unknown_token_id", vocabulary_.unknown, "[UNK]"));
    const auto padding = RoleId("padding_token_id", vocabulary_.padding, "[PAD]");
    if (!padding) return padding.error();
    const auto mask = RoleId("mask_token_id", vocabulary_.mask, "[MASK]");
    if (!mask) return mask.error();
    spec_.before = {cls};
    spec_.after = {separator};
    spec_.pair = BertPair(spec_);
    spec_.unknown_token = SpecialText(static_cast<size_t>(unknown));
    return OkStatus();
  }

  void AddToken(size_t id) {
    const int64_t type = Type(id);
    const bool control = is_special_[id] || type == kControlToken || type == kUnknownToken;
    // Rows that only fill up the embedding table: no text may give them.
    if (type == kUnusedToken && !control) return;
    const bool added = control || type == kUserDefinedToken;
    const std::string text = added ? SpecialText(id) : PieceText(id);
    // Of equal tokens the last one counts, as in a vocab.txt.
    spec_.vocabulary[text] = static_cast<int32_t>(id);
    if (!added) return;
    AddedToken token;
    token.content = text;
    token.normalized = !control;
    spec_.added_tokens.push_back(std::move(token));
  }

  const GgufVocabulary& vocabulary_;
  std::string_view name_;
  bool phantom_;
  std::vector<bool> is_special_;  // has a role, whatever its type
  TokenizerSpec spec_;
};

}  // namespace

Result<std::unique_ptr<Tokenizer>> MakeGgufTokenizer(const GgufVocabulary& vocabulary,
                                                     std::string_view name) {
  CODERANK_TRY(CheckSizes(vocabulary, name));
  CODERANK_ASSIGN(const TokenizerSpec spec, SpecWriter(vocabulary, name).Write());
  return BuildTokenizer(spec, name);
}

}  // namespace coderank
