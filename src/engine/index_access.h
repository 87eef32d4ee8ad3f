// Opens the database of a located index after checking that it belongs to its folder.
#pragma once

#include "base/function_ref.h"
#include "coderank/result.h"
#include "engine/index_location.h"
#include "store/index_store.h"

namespace coderank {

// Creates the index when it is missing. `on_wait`: see IndexLock::Acquire.
Result<IndexStore> OpenIndexForWriting(const IndexLocator& locator, IndexLocation& location,
                                       FunctionRef<bool()> on_wait);

// kNotFound when the folder has no database yet.
Result<IndexStore> OpenIndexForReading(const IndexLocation& location);

}  // namespace coderank
