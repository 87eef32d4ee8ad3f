// From checked arguments to the requests of the public API, once for every front end. An argument
// that the operation does not have leaves its field at the default.
#pragma once

#include <string_view>

#include "coderank/collections.h"
#include "coderank/indexing.h"
#include "coderank/result.h"
#include "coderank/search.h"
#include "ops/operation.h"

namespace coderank::ops {

RerankTask TaskOf(std::string_view name);  // "description", "issue"
RerankOptions RerankOptionsFrom(const Operation& operation, const Arguments& arguments);
SearchRequest SearchRequestFrom(const Operation& operation, const Arguments& arguments);
// kInvalidArgument where `place` is not path:line.
Result<RelatedRequest> RelatedRequestFrom(const Operation& operation, const Arguments& arguments);
// What servers take of `search --collection`: they have no row of the command line.
const Operation& CollectionSearchOperation();
// kInvalidArgument where a filter is not KEY=VALUE.
Result<CollectionSearchRequest> CollectionSearchRequestFrom(const Operation& operation,
                                                            const Arguments& arguments);
IndexRequest IndexRequestFrom(const Operation& operation, const Arguments& arguments);
StatusRequest StatusRequestFrom(const Operation& operation, const Arguments& arguments);

// By its name in the operation table, which has checked it; and back.
SearchMode ModeOf(std::string_view name);
SearchContent ContentOf(std::string_view name);
std::string_view NameOf(SearchMode mode);

}  // namespace coderank::ops
