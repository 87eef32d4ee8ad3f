// The filter of a search in an index's collection, from the documents that a query's filters let
// through.
#pragma once

#include "coderank/result.h"
#include "qdrant/json.h"
#include "search/dense_source.h"
#include "store/index_store.h"

namespace coderank {

// Null where every document passes. It may let more through than the documents asked for, where
// naming those would take very long: the caller has to look again.
Result<qdrant::Json> CollectionFilter(const DenseRequest& request, const IndexStore& store);

}  // namespace coderank
