#include <algorithm>
#include <charconv>
#include <string>

#include "base/ascii.h"
#include "base/nearest_name.h"
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
  return InvalidArgument(StrCat("expected a whole number from ", parameter.least, " to ",
                                parameter.most, ", found \"", text, "\""));
}

// kModelNamePattern by hand.
bool MayNameModel(std::string_view text) {
  constexpr size_t kMost = 128;
  const auto allowed = [](char c) { return IsAsciiAlnum(c) || c == '-' || c == '_' || c == '.'; };
  if (text.empty()) return true;
  return text.size() <= kMost && text.front() != '.' && text.front() != '-' &&
         std::all_of(text.begin(), text.end(), allowed);
}

Status CheckText(const Parameter& parameter, const std::string& text) {
  if (text.find('\0') != std::string::npos) {
    return InvalidArgument("expected a text without NUL characters");
  }
  if (parameter.form == TextForm::kDuration && !ParseDuration(text)) {
    return InvalidArgument(StrCat("expected a time such as 800ms or 1.5s, found \"", text, "\""));
  }
  if (parameter.form == TextForm::kModelName && !MayNameModel(text)) {
    return InvalidArgument(
        StrCat("expected the name of an installed model, of letters, digits, '-', '_' and '.'; ",
               "found \"", text, "\""));
  }
  return OkStatus();
}

Status CheckChoice(const Parameter& parameter, const std::string& text) {
  const auto& choices = parameter.choices;
  if (std::find(choices.begin(), choices.end(), text) != choices.end()) return OkStatus();
  std::string known;
  for (const std::string_view choice : choices) known += StrCat(known.empty() ? "" : ", ", choice);
  return InvalidArgument(StrCat("expected one of ", known, "; found \"", text, "\""));
}

Status CheckValue(const Parameter& parameter, const std::string& text) {
  switch (parameter.type) {
    case ParameterType::kInteger:
      return CheckInteger(parameter, text);
    case ParameterType::kChoice:
      return CheckChoice(parameter, text);
    case ParameterType::kFlag:
      if (text == "true" || text == "false") return OkStatus();
      return InvalidArgument(StrCat("expected true or false, found \"", text, "\""));
    case ParameterType::kText:
    case ParameterType::kPath:
      return CheckText(parameter, text);
  }
  return OkStatus();
}

Status CheckParameter(const Parameter& parameter, const std::vector<std::string>& values) {
  if (values.empty()) {
    if (parameter.required) return InvalidArgument("is required");
    return OkStatus();
  }
  if (values.size() > 1 && !parameter.repeated) {
    return InvalidArgument(StrCat("expected once, found ", values.size(), " times"));
  }
  for (const std::string& value : values) CODERANK_TRY(CheckValue(parameter, value));
  return OkStatus();
}

}  // namespace

std::string Spelled(std::string_view name, Spelling spelling) {
  std::string spelled(name);
  if (spelling == Spelling::kJson) std::replace(spelled.begin(), spelled.end(), '-', '_');
  return spelled;
}

Status UnknownArgument(const Operation& operation, std::string_view name, Spelling spelling) {
  std::vector<std::string> spelled;
  std::string known;
  for (const Parameter& parameter : operation.parameters) {
    spelled.push_back(Spelled(parameter.name, spelling));
    known += StrCat(known.empty() ? "" : ", ", spelled.back());
  }
  const std::vector<std::string_view> names(spelled.begin(), spelled.end());
  const std::string_view nearest = NearestName(name, names);
  return InvalidArgument(StrCat(name, ": unknown argument of ", operation.name, "; ",
                                nearest.empty() ? "" : StrCat("did you mean ", nearest, "? "),
                                "known: ", known));
}

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
                                 const std::map<std::string, std::vector<std::string>>& given,
                                 Spelling spelling) {
  for (const auto& [name, values] : given) {
    if (operation.Find(name) == nullptr) return UnknownArgument(operation, name, spelling);
  }
  Arguments arguments;
  for (const Parameter& parameter : operation.parameters) {
    const std::string name(parameter.name);
    const auto found = given.find(name);
    std::vector<std::string> values =
        found == given.end() ? std::vector<std::string>() : found->second;
    if (const Status checked = CheckParameter(parameter, values); !checked.ok()) {
      return checked.WithContext(Spelled(parameter.name, spelling));
    }
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
