// What the two file formats say about a byte-level BPE tokenizer, in one form.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "coderank/result.h"
#include "tokenizer/added_tokens.h"
#include "tokenizer/byte_pair_tokenizer.h"
#include "tokenizer/split_rules.h"

namespace coderank {

struct BytePairSpec {
  std::unordered_map<std::string, int32_t> vocabulary;  // spelled as byte_level.h says
  std::vector<std::pair<std::string, std::string>> merges;
  SplitRules split;
  bool compose = false;        // text to NFC first
  bool ignore_merges = false;  // a word that is in the vocabulary is that token
  std::optional<int32_t> unknown;
  std::vector<AddedToken> added_tokens;  // AssignIds has set their ids
  std::vector<int32_t> before;           // special ids around every text
  std::vector<int32_t> after;
};

Result<BytePairSpec> ParseBytePairJson(std::string_view json, std::string_view name);

Result<std::unique_ptr<BytePairTokenizer>> BuildBytePairTokenizer(const BytePairSpec& spec,
                                                                  std::string_view name);

}  // namespace coderank
