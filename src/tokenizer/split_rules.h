// How byte-level tokenizers cut text into words before merging: the regular expressions of the
// published models as rules, matched by hand.
//
// A general expression engine would bring its own version of Unicode, and backtracking that text
// of strangers can drive; these scanners look at each character a bounded number of times. An
// expression that is not one of the known ones is refused by whoever reads the model's file.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/function_ref.h"

namespace coderank {

// The alternatives, in the order in which they are tried:
//
//   's 't 're 've 'm 'll 'd        a contraction
//   prefix? letters+
//   numbers
//   ' '? others+ [CR LF]*          others: neither white space nor letter nor number
//   space* [CR LF]+                where line_ends
//   space+ but the last one        so that it goes with the word after it
//   space+
struct SplitRules {
  bool any_case = false;         // of contractions
  bool any_prefix = false;       // of letters: any but letter, number, CR, LF; otherwise a space
  size_t most_numbers = 0;       // in a row; 0: any count, with a space before them
  bool line_ends = false;        // go with what stands before them
  bool isolate_numeric = false;  // first cut the text at every numeric character
};

// The expression of GPT-2, which is also what "ByteLevel" means by itself.
inline constexpr SplitRules kGpt2Rules{};

// nullopt for an expression that is not known.
std::optional<SplitRules> FindSplitExpression(std::string_view expression);
// By the names that GGUF files have for them (tokenizer.ggml.pre).
std::optional<SplitRules> FindSplitName(std::string_view name);

// Calls `visit` for the words of `text` (well-formed UTF-8) in order; together they are the text.
// Returning false ends the cutting. Returns what the last visit returned.
bool SplitWords(const SplitRules& rules, std::string_view text,
                FunctionRef<bool(std::string_view word)> visit);

}  // namespace coderank
