#include "server/json_arguments.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "base/try.h"

namespace coderank::server {
namespace {

using ops::Parameter;
using ops::ParameterType;

Json TypeSchema(const Parameter& parameter) {
  switch (parameter.type) {
    case ParameterType::kInteger:
      return {{"type", "integer"}, {"minimum", parameter.least}, {"maximum", parameter.most}};
    case ParameterType::kFlag:
      return {{"type", "boolean"}};
    case ParameterType::kChoice:
      return {{"type", "string"}, {"enum", parameter.choices}};
    case ParameterType::kText:
    case ParameterType::kPath:
      break;
  }
  return {{"type", "string"}};
}

Json DefaultOf(const Parameter& parameter) {
  const std::string text(parameter.default_value);
  if (parameter.repeated) return Json::array({text});
  if (parameter.type == ParameterType::kInteger) return std::stoll(text);
  if (parameter.type == ParameterType::kFlag) return text == "true";
  return text;
}

Json ParameterSchema(const Parameter& parameter) {
  Json schema = TypeSchema(parameter);
  if (parameter.repeated) schema = {{"type", "array"}, {"items", std::move(schema)}};
  schema["description"] = parameter.help;
  if (!parameter.default_value.empty()) schema["default"] = DefaultOf(parameter);
  return schema;
}

std::string_view ExpectedOf(const Parameter& parameter) {
  switch (parameter.type) {
    case ParameterType::kInteger:
      return "a whole number";
    case ParameterType::kFlag:
      return "true or false";
    default:
      return "a string";
  }
}

// Beyond 2^53 a JSON number written with a point is not exact.
constexpr double kLargestExact = 9007199254740992.0;

// The value as the operation table takes it: text.
Result<std::string> TextOf(const Parameter& parameter, const nlohmann::json& value) {
  const bool is_integer = parameter.type == ParameterType::kInteger;
  const bool is_flag = parameter.type == ParameterType::kFlag;
  if (is_integer && value.is_number_integer()) return value.dump();
  if (is_integer && value.is_number_float()) {  // 5.0 is how some clients write 5
    const double number = value.get<double>();
    if (std::abs(number) <= kLargestExact && number == std::floor(number)) {
      return StrCat(static_cast<int64_t>(number));
    }
  }
  if (is_flag && value.is_boolean()) return std::string(value.get<bool>() ? "true" : "false");
  if (!is_integer && !is_flag && value.is_string()) return value.get<std::string>();
  return InvalidArgument(StrCat(JsonName(parameter.name), ": expected ", ExpectedOf(parameter),
                                ", found ",
                                value.is_number() ? "another number" : value.type_name()));
}

}  // namespace

std::string JsonName(std::string_view name) { return ops::Spelled(name, ops::Spelling::kJson); }

const Parameter* FindByJsonName(const ops::Operation& operation, const std::string& name) {
  for (const Parameter& parameter : operation.parameters) {
    if (JsonName(parameter.name) == name) return &parameter;
  }
  return nullptr;
}

ops::Operation WithoutLocalParameters(ops::Operation operation) {
  auto& parameters = operation.parameters;
  parameters.erase(std::remove_if(parameters.begin(), parameters.end(),
                                  [](const Parameter& parameter) { return parameter.local; }),
                   parameters.end());
  return operation;
}

Json ArgumentsSchema(const ops::Operation& operation) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const Parameter& parameter : operation.parameters) {
    properties[JsonName(parameter.name)] = ParameterSchema(parameter);
    if (parameter.required) required.push_back(JsonName(parameter.name));
  }
  Json schema = {{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required);
  schema["additionalProperties"] = false;
  return schema;
}

Result<ops::Arguments> ArgumentsFromJson(const ops::Operation& operation,
                                         const nlohmann::json& object) {
  if (!object.is_object()) return InvalidArgument("arguments: expected a JSON object");
  std::map<std::string, std::vector<std::string>> given;
  for (const auto& [name, value] : object.items()) {
    const Parameter* parameter = FindByJsonName(operation, name);
    if (parameter == nullptr) return UnknownArgument(operation, name, ops::Spelling::kJson);
    std::vector<std::string>& texts = given[std::string(parameter->name)];
    if (value.is_null()) continue;  // how some clients leave an argument out
    if (!parameter->repeated || !value.is_array()) {
      CODERANK_ASSIGN(std::string text, TextOf(*parameter, value));
      texts.push_back(std::move(text));
      continue;
    }
    for (const nlohmann::json& element : value) {
      CODERANK_ASSIGN(std::string text, TextOf(*parameter, element));
      texts.push_back(std::move(text));
    }
  }
  return CheckArguments(operation, given, ops::Spelling::kJson);
}

}  // namespace coderank::server
