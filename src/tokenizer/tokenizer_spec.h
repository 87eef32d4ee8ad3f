// What the two file formats say about a WordPiece tokenizer, in one form.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "coderank/result.h"
#include "tokenizer/added_tokens.h"
#include "tokenizer/json_fields.h"
#include "tokenizer/normalizer.h"
#include "tokenizer/tokenizer.h"

namespace coderank {

// Special ids around two texts; those up to and with `between` have type 0, the rest type 1.
struct PairTemplate {
  std::vector<int32_t> before;
  std::vector<int32_t> between;
  std::vector<int32_t> after;
};

struct TokenizerSpec {
  std::unordered_map<std::string, int32_t> vocabulary;
  std::string unknown_token = "[UNK]";
  std::string continuation_prefix = "##";
  size_t max_word_characters = 100;
  NormalizerOptions normalizer;
  std::vector<AddedToken> added_tokens;  // AssignIds sets their ids
  std::vector<int32_t> before;           // special ids around every text
  std::vector<int32_t> after;
  std::optional<PairTemplate> pair;  // none where the file has none, or one of another kind
};

// BERT's own: the special tokens of one text, the last one after each.
PairTemplate BertPair(const TokenizerSpec& spec);

// Gives each added token its id: that of the vocabulary, or the next ones after it. As the
// reference tokenizer does, whatever id the file names.
void AssignIds(const std::unordered_map<std::string, int32_t>& vocabulary,
               std::vector<AddedToken>& added_tokens);

// Readers of the file formats. `name` names the file in messages.
Result<TokenizerSpec> ParseTokenizerJson(std::string_view json, std::string_view name);
// Parts of a tokenizer.json that all kinds of tokenizers have: the list `added_tokens`, and a
// post-processor of type TemplateProcessing (to `before` and `after`).
Status ReadAddedTokens(const JsonFields& root, std::vector<AddedToken>& tokens);
Status ReadTemplate(const JsonFields& post_processor, TokenizerSpec& spec);
Result<TokenizerSpec> ParseVocabulary(std::string_view vocabulary, std::string_view name);
// Applies a tokenizer_config.json ("{}" where there is none) to a parsed vocabulary.
Status ApplyTokenizerConfig(std::string_view json, std::string_view name, TokenizerSpec& spec);

Result<std::unique_ptr<Tokenizer>> BuildTokenizer(const TokenizerSpec& spec, std::string_view name);

}  // namespace coderank
