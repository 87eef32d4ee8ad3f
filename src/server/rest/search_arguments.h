// Operations as the HTTP API takes them: from a JSON body, or from the query of a URL.
#pragma once

#include <string_view>

#include "coderank/result.h"
#include "coderank/search.h"
#include "http/message.h"
#include "ops/operation.h"

namespace coderank::server::rest {

// The rows of the table without what only the command line has.
const ops::Operation& SearchOperation();
const ops::Operation& RelatedOperation();
const ops::Operation& IndexStatusOperation();

// Of a body, in JSON.
Result<ops::Arguments> ArgumentsFromBody(const ops::Operation& operation,
                                         const http::Request& request);
// `?limit=5&lang=cpp&lang=go&explain`. `q` is short for `query`.
Result<ops::Arguments> ArgumentsFromQuery(const ops::Operation& operation,
                                          const http::Request& request);

}  // namespace coderank::server::rest
