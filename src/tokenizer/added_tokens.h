// Tokens that are found in the text as they stand, before it is cut into words: [CLS], [SEP] and
// what a model adds to them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.h"
#include "coderank/status.h"
#include "tokenizer/piece_trie.h"

namespace coderank {

// The flags mean what they mean in the `added_tokens` of a tokenizer.json.
struct AddedToken {
  std::string content;
  int32_t id = 0;
  bool single_word = false;  // not beside a word character
  bool lstrip = false;       // takes the white space on its left
  bool rstrip = false;       // takes the white space on its right
  bool normalized = false;   // is looked for in the normalised text, normalised itself
};

// Immutable once filled, so thread-safe.
class AddedTokenMatcher {
 public:
  // Longest token in bytes: bounds the work per byte of text.
  static constexpr size_t kLongestToken = 1024;

  // `pattern` is what to look for: the content or its normalised form.
  Status Add(const AddedToken& token, std::string_view pattern);
  bool empty() const { return tokens_.empty(); }

  // Cuts `text` (well-formed UTF-8) at the tokens, the leftmost first, of those the longest.
  // `visit` gets, in order, the text between tokens or the id of a token (with no text);
  // returning false ends the search. Returns what the last visit returned.
  using Visitor = FunctionRef<bool(std::string_view between, std::optional<int32_t> id)>;
  bool Split(std::string_view text, Visitor visit) const;

 private:
  PieceTrie trie_;  // pattern -> index into tokens_
  std::vector<AddedToken> tokens_;
  std::array<bool, 256> starts_{};  // first bytes of the patterns
};

}  // namespace coderank
