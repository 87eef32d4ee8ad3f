// Waiting for a server to finish the graph of a collection that was just loaded: until then it
// looks at every vector, which programs that are switched to it would feel.
#pragma once

#include <string>

#include "coderank/cancellation.h"
#include "coderank/collections.h"
#include "coderank/result.h"
#include "qdrant/client.h"

namespace coderank {

// Returns when the collection is ready. kUnavailable when the server gets no further for ten
// minutes, kFailedPrecondition where it says that optimising has failed. `label` names the
// collection in reports of progress.
Status WaitUntilOptimised(qdrant::Client& client, const std::string& collection,
                          const std::string& label, const CollectionProgressSink& progress,
                          const CancellationToken* cancel);

}  // namespace coderank
