// Schemas of what the tools answer to programs: report_json.h as JSON Schema.
#pragma once

#include "server/report_json.h"

namespace coderank::server::mcp {

Json SearchSchema();
Json RelatedSchema();
Json StatusSchema();
Json RefreshSchema();
Json CollectionSearchSchema();

}  // namespace coderank::server::mcp
