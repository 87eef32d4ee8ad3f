#include "server/rest/search_arguments.h"

#include <map>
#include <string>
#include <vector>

#include "base/try.h"
#include "server/json_arguments.h"
#include "server/rest/answers.h"

namespace coderank::server::rest {
namespace {

ops::Operation Public(std::string_view name) {
  return WithoutLocalParameters(*ops::FindOperation(name));
}

}  // namespace

const ops::Operation& SearchOperation() {
  static const ops::Operation operation = Public("search");
  return operation;
}

const ops::Operation& RelatedOperation() {
  static const ops::Operation operation = Public("find-related");
  return operation;
}

const ops::Operation& IndexStatusOperation() {
  static const ops::Operation operation = Public("status");
  return operation;
}

Result<ops::Arguments> ArgumentsFromBody(const ops::Operation& operation,
                                         const http::Request& request) {
  CODERANK_ASSIGN(const nlohmann::json body, JsonBody(request));
  return ArgumentsFromJson(operation, body);
}

Result<ops::Arguments> ArgumentsFromQuery(const ops::Operation& operation,
                                          const http::Request& request) {
  std::map<std::string, std::vector<std::string>> given;
  for (const auto& [name, value] : request.query) {
    const bool is_short = name == "q" && operation.Find("query") != nullptr;
    const ops::Parameter* parameter = FindByJsonName(operation, is_short ? "query" : name);
    if (parameter == nullptr) {
      return ops::UnknownArgument(operation, name, ops::Spelling::kJson);
    }
    const bool is_flag = parameter->type == ops::ParameterType::kFlag;
    given[std::string(parameter->name)].push_back(is_flag && value.empty() ? "true" : value);
  }
  return ops::CheckArguments(operation, given, ops::Spelling::kJson);
}

}  // namespace coderank::server::rest
