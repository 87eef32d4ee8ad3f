// Reports as compact text for a model's context: what it needs to go on, in few tokens.
#pragma once

#include <string>
#include <string_view>

#include "coderank/collections.h"
#include "coderank/indexing.h"
#include "coderank/search.h"
#include "server/service.h"

namespace coderank::server::mcp {

// "src/a.cc:3-9 function A.b" and the snippet for each result. `asked`: what was looked for.
std::string SearchText(const SearchReport& report, std::string_view asked);
std::string StatusText(const StatusReport& report, const Readiness& readiness);
std::string RefreshText(const IndexReport& report);
// "docs/a.md:3-9 (docs, 0.812)" and the text for each point.
std::string CollectionsText(const CollectionSearchReport& report, std::string_view asked);

}  // namespace coderank::server::mcp
