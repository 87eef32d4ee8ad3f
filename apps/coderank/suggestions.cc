#include "suggestions.h"

#include <algorithm>

#include "base/nearest_name.h"
#include "base/strings.h"

namespace coderank::cli {
namespace {

using ops::Operation;
using ops::Parameter;

// The words that may follow `prefix`, in the order of the table.
std::vector<std::string_view> WordsAfter(std::string_view prefix) {
  std::vector<std::string_view> known;
  for (const Operation& operation : ops::Operations()) {
    if (!operation.name.starts_with(prefix)) continue;
    const std::string_view rest = operation.name.substr(prefix.size());
    const std::string_view word = rest.substr(0, rest.find(' '));
    if (known.empty() || known.back() != word) known.push_back(word);
  }
  return known;
}

bool IsOption(const std::string& word) { return word.size() > 1 && word.front() == '-'; }

// The option that `name` resembles, as it is written: "--json"; or whose letter it ends in, as
// other programs' --top-k does. Empty: none.
std::string Resembled(const Operation& operation, std::string_view name) {
  std::vector<std::string_view> names = {"help"};
  for (const Parameter& parameter : operation.parameters) {
    if (!parameter.positional) names.push_back(parameter.name);
  }
  const std::string_view nearest = NearestName(name, names);
  if (!nearest.empty()) return StrCat("--", nearest);
  const bool ends_in_letter = name.size() > 2 && name[name.size() - 2] == '-';
  for (const Parameter& parameter : operation.parameters) {
    if (ends_in_letter && parameter.short_name == name.back()) {
      return StrCat("-", parameter.short_name);
    }
  }
  return {};
}

// A query that was taken for options: nothing else has blanks, or a single dash before a word. Of
// one that begins with the letter of an option the parser leaves the end only.
bool IsQuery(const Operation& operation, const std::string& option) {
  if (operation.Find("query") == nullptr) return false;
  return option.find(' ') != std::string::npos || !option.starts_with("--");
}

}  // namespace

Status UnknownCommand(std::string_view prefix, std::string_view word) {
  const std::vector<std::string_view> known = WordsAfter(prefix);
  const std::string_view nearest = NearestName(word, known);
  std::string message = StrCat("\"", prefix, word, "\": unknown command; ");
  if (!nearest.empty()) {
    message += StrCat("did you mean `coderank ", prefix, nearest, "`?");
  } else {
    for (const std::string_view name : known) {
      message += StrCat(name == known.front() ? "known: " : ", ", prefix, name);
    }
  }
  return InvalidArgument(StrCat(message, nearest.empty() ? "; " : " ", "see `coderank --help`"));
}

Status UnknownOption(const Operation& operation, const std::vector<std::string>& words,
                     const std::vector<std::string>& rest) {
  const auto found = std::find_if(rest.begin(), rest.end(), IsOption);
  if (found == rest.end()) return OkStatus();
  const std::string help = StrCat("see `coderank ", operation.name, " --help`");
  if (IsQuery(operation, *found)) {
    const auto whole = std::find_if(words.begin(), words.end(), [&](const std::string& word) {
      return word.starts_with('-') && word.ends_with(found->substr(1));
    });
    const std::string& query = whole == words.end() ? *found : *whole;
    return InvalidArgument(StrCat("\"", query, "\": is no option; a query that begins with '-' ",
                                  "stands behind --: coderank ", operation.name, " [OPTIONS] -- \"",
                                  query, "\"; ", help));
  }
  const std::string option = found->substr(0, found->find('='));
  const std::string name = option.substr(std::min(option.find_first_not_of('-'), option.size()));
  const std::string resembled = Resembled(operation, name);
  return InvalidArgument(StrCat(option, ": unknown option of ", operation.name, "; ",
                                resembled.empty() ? "" : StrCat("did you mean ", resembled, "? "),
                                help));
}

}  // namespace coderank::cli
