#include "search/word_match.h"

#include <algorithm>
#include <array>

namespace coderank {
namespace {

constexpr double kSameStem = 0.9;
constexpr double kPrefix = 0.6;
constexpr size_t kShortestPrefix = 3;
// What has to be left of a word: "string" is not "str" with an ending.
constexpr size_t kShortestStem = 4;

// Longest first, so that "ings" is not taken for "s".
constexpr std::array<std::string_view, 17> kEndings = {
    "izations", "ization", "izing", "izes", "ized", "ize", "ations", "ation", "ings",
    "ions",     "ing",     "ion",   "ers",  "er",   "ed",  "es",     "s"};

}  // namespace

std::string_view Stem(std::string_view word) {
  for (const std::string_view ending : kEndings) {
    if (!word.ends_with(ending) || word.size() < ending.size() + kShortestStem) continue;
    if (ending == "s" && word.ends_with("ss")) return word;  // "class"
    return word.substr(0, word.size() - ending.size());
  }
  return word.size() > kShortestStem && word.ends_with('e') ? word.substr(0, word.size() - 1)
                                                            : word;
}

double WordMatch(std::string_view a, std::string_view b) {
  if (a == b) return 1;
  if (Stem(a) == Stem(b)) return kSameStem;
  const bool prefix = a.starts_with(b) || b.starts_with(a);
  return prefix && std::min(a.size(), b.size()) >= kShortestPrefix ? kPrefix : 0;
}

double MatchedShare(const std::vector<std::string>& words, const std::vector<std::string>& others) {
  if (words.empty()) return 0;
  double sum = 0;
  for (const std::string& word : words) {
    double best = 0;
    for (const std::string& other : others) best = std::max(best, WordMatch(word, other));
    sum += best;
  }
  return sum / static_cast<double>(words.size());
}

}  // namespace coderank
