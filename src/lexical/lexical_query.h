// What is looked up for a question: weighted terms.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace coderank {

// Adds  (weight x idf(term) + family_weight x idf(family)) x impact  to the score of a document.
// The family's idf is that of a word which stands wherever one of the query's terms of the family
// does: a rare form of a frequent word is not worth more than the word. A term that is the only one
// of its family in the index gets nothing from it. So what is written about in several forms, which
// makes it a notion of this code and no stray word, counts more.
struct QueryTerm {
  std::string term;
  double weight = 0;
  std::string family;  // "" for none
  double family_weight = 0;
};

struct LexicalQuery {
  std::vector<QueryTerm> terms;  // distinct
};

// The terms of a question in words or of a piece of code, without stop words unless there is
// nothing else: compounds and parts, heavier when repeated; what defines a name that is asked for;
// other forms of its words. Deterministic.
LexicalQuery MakeLexicalQuery(std::string_view text);

// The terms of every text that holds `phrase` with no word character directly before or after it.
// Whether a text that has them holds the phrase must be seen in the text itself.
std::vector<std::string> PhraseTerms(std::string_view phrase);

}  // namespace coderank
