// The part of a request's target behind the question mark.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "coderank/result.h"

namespace coderank::http {

using QueryPairs = std::vector<std::pair<std::string, std::string>>;

// "a=1&b=x+y%21" as pairs, decoded, in order. kInvalidArgument for a '%' without two hex digits.
Result<QueryPairs> ParseQuery(std::string_view text);

}  // namespace coderank::http
