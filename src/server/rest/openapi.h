// The description of the HTTP API for programs, made from the operation table.
#pragma once

#include "server/report_json.h"

namespace coderank::server::rest {

// OpenAPI 3.1.
Json OpenApi();

}  // namespace coderank::server::rest
