// Waiting for a server to finish the graph of a collection that was just loaded: until then it
// looks at every vector, which programs that are switched to it would feel.
#pragma once

#include <chrono>
#include <string>

#include "coderank/cancellation.h"
#include "coderank/collections.h"
#include "coderank/result.h"
#include "qdrant/client.h"

namespace coderank {

struct OptimisingWait {
  std::chrono::seconds patience;  // with a server that gets no further
  std::string label;              // the collection's name in reports of progress
  CollectionProgressSink progress;
  const CancellationToken* cancel = nullptr;
};

// Returns when the collection is ready. kUnavailable when the patience is at its end,
// kFailedPrecondition where the server says that optimising has failed.
Status WaitUntilOptimised(qdrant::Client& client, const std::string& collection,
                          const OptimisingWait& wait);

}  // namespace coderank
