// Arguments of an operation as a JSON object: what a client may send, and the check of what it
// sent. The operation's parameters are all that is known; local ones have to be taken out before.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "coderank/result.h"
#include "ops/operation.h"
#include "server/report_json.h"

namespace coderank::server {

// The operation without what only the command line has.
ops::Operation WithoutLocalParameters(ops::Operation operation);

// "max-tokens" is max_tokens in JSON.
std::string JsonName(std::string_view name);
// Null: unknown.
const ops::Parameter* FindByJsonName(const ops::Operation& operation, const std::string& name);

// A JSON Schema: an object whose properties have plain types, with all else refused. Names that
// have a dash on the command line have an underscore here.
Json ArgumentsSchema(const ops::Operation& operation);

// kInvalidArgument names the argument, what was expected and what was found. A repeated parameter
// takes an array, or its only value by itself.
Result<ops::Arguments> ArgumentsFromJson(const ops::Operation& operation,
                                         const nlohmann::json& object);

}  // namespace coderank::server
