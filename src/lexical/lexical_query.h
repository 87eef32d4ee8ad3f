// What is looked up for a question: weighted terms.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace coderank {

struct QueryTerm {
  std::string term;
  double weight = 1;
};

struct LexicalQuery {
  std::vector<QueryTerm> terms;  // distinct
};

// The terms of a question in words or of a piece of code: compounds and parts, each once, heavier
// when repeated; without stop words, unless there is nothing else. Deterministic: terms are in the
// order of the text.
LexicalQuery MakeLexicalQuery(std::string_view text);

// The terms of every text that holds `phrase` with no word character directly before or after it.
// Whether a text that has them holds the phrase must be seen in the text itself.
std::vector<std::string> PhraseTerms(std::string_view phrase);

}  // namespace coderank
