#include "text/word_forms.h"

#include <algorithm>
#include <array>

namespace coderank {
namespace {

constexpr size_t kShortestFamily = 3;  // letters: "used" and "uses", but not "as" or "red"

struct Ending {
  std::string_view letters;
  std::string_view replacement;
  bool doubles;  // a consonant before it may be doubled: "stopped", "running"
};

// The first that fits is taken.
constexpr auto kEndings = std::to_array<Ending>({
    {"ies", "y", false},
    {"ied", "y", false},
    {"ing", "", true},
    {"ed", "", true},
    {"es", "", false},
    {"s", "", false},
});

bool IsLetter(char c) { return c >= 'a' && c <= 'z'; }

// "class", "status" and "analysis" are no plurals.
bool EndsInOwnS(std::string_view word) {
  return word.ends_with("ss") || word.ends_with("us") || word.ends_with("is");
}

// Consonants that are as often double in the word itself: "call", "pass", "buzz".
bool DoublesInWords(char c) { return c == 'l' || c == 's' || c == 'z'; }

std::string WithoutEnding(std::string_view word) {
  for (const Ending& ending : kEndings) {
    if (!word.ends_with(ending.letters) || word.size() - ending.letters.size() < kShortestFamily) {
      continue;
    }
    if (ending.letters == "s" && EndsInOwnS(word)) break;
    std::string rest(word.substr(0, word.size() - ending.letters.size()));
    rest += ending.replacement;
    const bool doubled = ending.doubles && rest.size() > kShortestFamily &&
                         rest.back() == rest[rest.size() - 2] && !DoublesInWords(rest.back());
    if (doubled) rest.pop_back();
    return rest;
  }
  return std::string(word);
}

}  // namespace

std::string WordFamily(std::string_view word) {
  if (!std::all_of(word.begin(), word.end(), IsLetter)) return std::string(word);
  std::string family = WithoutEnding(word);
  if (family.ends_with('e') && family.size() > kShortestFamily) family.pop_back();
  return family;
}

std::vector<std::string> WordForms(std::string_view family) {
  if (family.size() < kShortestFamily || !std::all_of(family.begin(), family.end(), IsLetter)) {
    return {std::string(family)};
  }
  std::vector<std::string> forms;
  const auto add = [&](std::string_view stem, std::string_view ending) {
    std::string form(stem);
    form += ending;
    if (WordFamily(form) == family) forms.push_back(std::move(form));
  };
  for (const std::string_view ending : {"", "e", "s", "es", "ed", "ing"}) add(family, ending);
  const std::string doubled = std::string(family) + family.back();
  for (const std::string_view ending : {"ed", "ing"}) add(doubled, ending);
  if (family.back() == 'y') {
    for (const std::string_view ending : {"ies", "ied"})
      add(family.substr(0, family.size() - 1), ending);
  }
  return forms;
}

}  // namespace coderank
