// Snippets for readers who have room for so much text and no more.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "coderank/search.h"

namespace coderank {

// What a language model is likely to count for a text. Their tokenizers make a token of three to
// four bytes of code; this one errs on the long side.
size_t EstimateTokens(std::string_view text);

// Shortens snippets at their ends, by whole lines, until path, symbol and text of all results are
// at most `max_tokens`. All get the same room, and what a short one leaves goes to the others.
// Every result keeps a line; the last ones are dropped when not even that fits. The first stays.
void FitSnippets(std::vector<SearchResult>& results, size_t max_tokens);

}  // namespace coderank
