#include <algorithm>
#include <charconv>
#include <string>

#include "base/strings.h"
#include "base/try.h"
#include "ops/operation.h"

namespace coderank::ops {
namespace {

Status CheckInteger(const Parameter& parameter, const std::string& text) {
  int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc() && stop == end && value >= parameter.least && value <= parameter.most) {
    return OkStatus();
  }
  return InvalidArgument(StrCat(parameter.name, ": expected a whole number from ", parameter.least,
                                " to ", parameter.most, ", found \"", text, "\""));
}

// kModelNamePattern by hand.
bool MayNameModel(std::string_view text) {
  constexpr size_t kMost = 128;
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  if (text.empty()) return true;
  return text.size() <= kMost && text.front() != '.' && text.front() != '-' &&
         std::all_of(text.begin(), text.end(), allowed);
}

Status CheckText(const Parameter& parameter, const std::string& text) {
  if (text.find('\0') != std::string::npos) {
    return InvalidArgument(StrCat(parameter.name, ": expected a text without NUL characters"));
  }
  if (parameter.form == TextForm::kDuration && !ParseDuration(text)) {
    return InvalidArgument(
        StrCat(parameter.name, ": expected a time such as 800ms or 1.5s, found \"", text, "\""));
  }
  if (parameter.form == TextForm::kModelName && !MayNameModel(text)) {
    return InvalidArgument(StrCat(parameter.name,
                                  ": expected the name of an installed model, of letters, digits, "
                                  "'-', '_' and '.'; found \"",
                                  text, "\""));
  }
  return OkStatus();
}

Status CheckChoice(const Parameter& parameter, const std::string& text) {
  const auto& choices = parameter.choices;
  if (std::find(choices.begin(), choices.end(), text) != choices.end()) return OkStatus();
  std::string known;
  for (const std::string_view choice : choices) known += StrCat(known.empty() ? "" : ", ", choice);
  return InvalidArgument(
      StrCat(parameter.name, ": expected one of ", known, "; found \"", text, "\""));
}

Status CheckValue(const Parameter& parameter, const std::string& text) {
  switch (parameter.type) {
    case ParameterType::kInteger:
      return CheckInteger(parameter, text);
    case ParameterType::kChoice:
      return CheckChoice(parameter, text);
    case ParameterType::kFlag:
      if (text == "true" || text == "false") return OkStatus();
      return InvalidArgument(
          StrCat(parameter.name, ": expected true or false, found \"", text, "\""));
    case ParameterType::kText:
    case ParameterType::kPath:
      return CheckText(parameter, text);
  }
  return OkStatus();
}

Status CheckParameter(const Parameter& parameter, const std::vector<std::string>& values) {
  if (values.empty()) {
    if (parameter.required) return InvalidArgument(StrCat(parameter.name, ": is required"));
    return OkStatus();
  }
  if (values.size() > 1 && !parameter.repeated) {
    return InvalidArgument(
        StrCat(parameter.name, ": expected once, found ", values.size(), " times"));
  }
  for (const std::string& value : values) CODERANK_TRY(CheckValue(parameter, value));
  return OkStatus();
}

std::string KnownParameters(const Operation& operation) {
  std::string names;
  for (const Parameter& parameter : operation.parameters) {
    names += StrCat(names.empty() ? "" : ", ", parameter.name);
  }
  return names;
}

}  // namespace

std::optional<double> ParseDuration(std::string_view text) {
  constexpr double kMost = 24.0 * 60 * 60 * 1000;
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
  const std::string_view unit(stop, static_cast<size_t>(end - stop));
  if (error != std::errc() || (unit != "ms" && unit != "s")) return std::nullopt;
  const double milliseconds = unit == "s" ? 1000 * value : value;
  if (!(milliseconds >= 0 && milliseconds <= kMost)) return std::nullopt;
  return milliseconds;
}

const Parameter* Operation::Find(std::string_view parameter_name) const {
  for (const Parameter& parameter : parameters) {
    if (parameter.name == parameter_name) return &parameter;
  }
  return nullptr;
}

Result<Arguments> CheckArguments(const Operation& operation,
                                 const std::map<std::string, std::vector<std::string>>& given) {
  for (const auto& [name, values] : given) {
    if (operation.Find(name) == nullptr) {
      return InvalidArgument(StrCat(name, ": unknown argument of ", operation.name,
                                    "; known: ", KnownParameters(operation)));
    }
  }
  Arguments arguments;
  for (const Parameter& parameter : operation.parameters) {
    const std::string name(parameter.name);
    const auto found = given.find(name);
    std::vector<std::string> values =
        found == given.end() ? std::vector<std::string>() : found->second;
    CODERANK_TRY(CheckParameter(parameter, values));
    arguments.given_[name] = !values.empty();
    if (values.empty() && !parameter.default_value.empty()) {
      values.emplace_back(parameter.default_value);
    }
    arguments.values_[name] = std::move(values);
  }
  return arguments;
}

const std::vector<std::string>& Arguments::List(std::string_view name) const {
  return values_.find(name)->second;
}

const std::string& Arguments::Text(std::string_view name) const {
  static const std::string empty;
  const auto& values = List(name);
  return values.empty() ? empty : values.front();
}

int64_t Arguments::Integer(std::string_view name) const {
  const std::string& text = Text(name);
  int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

bool Arguments::Flag(std::string_view name) const { return Text(name) == "true"; }

bool Arguments::Has(std::string_view name) const { return given_.find(name)->second; }

}  // namespace coderank::ops
