// English plurals and verb endings: which words are forms of one another.
//
// A family is named by what is left of a word without its ending: "parse", "parses", "parsed" and
// "parsing" are of the family "pars". It is no word and shown to nobody. Only the endings -s, -es,
// -ed and -ing are known: those that leave the meaning as it is. Irregular forms are words of their
// own, and now and then two words meet in a family that should not ("rating", "rats").
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace coderank {

// The family of a word in lower case. Words with other characters than a to z, or of less than four
// letters, are their own.
std::string WordFamily(std::string_view word);

// All words that may be of a family, known ones or not, each with WordFamily(word) == family.
std::vector<std::string> WordForms(std::string_view family);

}  // namespace coderank
