// The WordPiece tokenizer of a GGUF file, from the values that the file holds. Reading the file
// is not done here: the values come from whoever can.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "coderank/result.h"
#include "tokenizer/tokenizer.h"

namespace coderank {

// Refers to the file's text. A token's place is its id. Two spellings are in use:
//
//   plain          "play"   "##ing"     as in a vocab.txt; early files
//   phantom space  "_play"  "ing"       with U+2581 for "_"; special tokens stay as they are
struct GgufVocabulary {
  std::vector<std::string_view> tokens;
  std::vector<int64_t> types;  // ggml's token types; empty when the file has none
  std::optional<uint64_t> cls;
  std::optional<uint64_t> separator;
  std::optional<uint64_t> unknown;
  std::optional<uint64_t> padding;
  std::optional<uint64_t> mask;
  bool lowercase = true;
  std::optional<bool> strip_accents;  // without it: as `lowercase`
};

// `name` names the file in messages. kCorrupt for ids outside the vocabulary and for a vocabulary
// without [CLS], [SEP] and an unknown token.
Result<std::unique_ptr<Tokenizer>> MakeGgufTokenizer(const GgufVocabulary& vocabulary,
                                                     std::string_view name);

}  // namespace coderank
