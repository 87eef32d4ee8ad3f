#include "ops/completions.h"

#include <algorithm>

namespace coderank::ops {
namespace {

CommandPlace& PlaceOf(std::vector<CommandPlace>& places, const std::string& name) {
  const auto found = std::find_if(places.begin(), places.end(), [&name](const CommandPlace& place) {
    return place.name == name;
  });
  if (found != places.end()) return *found;
  places.push_back({.name = name, .summary = {}, .next = {}});
  return places.back();
}

}  // namespace

std::vector<CommandPlace> CommandPlaces() {
  std::vector<CommandPlace> places = {{.name = "", .summary = {}, .next = {}}};
  for (const Operation& operation : Operations()) {
    std::string above;
    std::string_view rest = operation.name;
    while (!rest.empty()) {
      const size_t space = std::min(rest.find(' '), rest.size());
      const std::string word(rest.substr(0, space));
      rest.remove_prefix(std::min(space + 1, rest.size()));
      std::vector<std::string>& next = PlaceOf(places, above).next;
      if (std::find(next.begin(), next.end(), word) == next.end()) next.push_back(word);
      above += above.empty() ? word : " " + word;
      PlaceOf(places, above);
    }
    CommandPlace& place = PlaceOf(places, above);
    place.operation = &operation;
    place.summary = operation.summary;
  }
  return places;
}

ValueKind ValueOf(const Parameter& parameter) {
  switch (parameter.type) {
    case ParameterType::kFlag:
      return ValueKind::kNone;
    case ParameterType::kChoice:
      return ValueKind::kChoice;
    case ParameterType::kPath:
      return ValueKind::kFile;
    case ParameterType::kText:
    case ParameterType::kInteger:
      break;
  }
  return ValueKind::kOther;
}

std::string Joined(const std::vector<std::string>& words, std::string_view between) {
  std::string joined;
  for (const std::string& word : words) {
    if (!joined.empty()) joined += between;
    joined += word;
  }
  return joined;
}

std::string ChoicesOf(const Parameter& parameter) {
  return Joined({parameter.choices.begin(), parameter.choices.end()}, " ");
}

std::vector<std::string> FlagsOf(const Parameter& parameter) {
  std::vector<std::string> flags = {"--" + std::string(parameter.name)};
  if (parameter.short_name != 0) flags.push_back(std::string("-") + parameter.short_name);
  return flags;
}

std::string Replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  for (size_t found = 0; (found = text.find(from)) != std::string_view::npos;) {
    out += text.substr(0, found);
    out += to;
    text.remove_prefix(found + from.size());
  }
  return out += text;
}

}  // namespace coderank::ops
