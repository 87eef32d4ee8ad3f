// Values and errors as HTTP responses.
#pragma once

#include <string>
#include <vector>

#include "coderank/result.h"
#include "http/exchange.h"
#include "server/report_json.h"
#include "server/roots.h"

namespace coderank::server::rest {

http::Response JsonAnswer(const Json& json, int status = 200);

// By the code's own status; out of time is 503. To other machines without paths of this one.
http::Response ErrorAnswer(const Status& error, const http::Exchange& exchange, const Roots& roots);

// What a report says besides its answer, as ErrorAnswer shows messages.
void HideHostPaths(const http::Request& request, const Roots& roots,
                   std::vector<std::string>& notes);

// The body as a JSON object. kInvalidArgument, or the refusal of a body that is not
// `application/json`, which a page of somebody else could have a browser send.
Result<nlohmann::json> JsonBody(const http::Request& request);

}  // namespace coderank::server::rest
