// How far two words mean the same, by their letters: for matching a question with names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace coderank {

// The word without a common English ending: "parsing", "parsed", "parses" and "parser" are "pars".
// Not a linguist's stem: words of one stem are taken for forms of one word, nothing more. `word` is
// in lower case.
std::string_view Stem(std::string_view word);

// From 0 to 1: 1 for equal words, kSameStem for forms of one word, kPrefix when the shorter one, of
// at least three letters, begins the longer ("config", "configuration").
double WordMatch(std::string_view a, std::string_view b);

// The share of `words` that match one of `others`, each counting by its best match.
double MatchedShare(const std::vector<std::string>& words, const std::vector<std::string>& others);

}  // namespace coderank
