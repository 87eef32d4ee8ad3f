// Getting a model over the network: what the hub lists, the files that are needed, their hashes,
// and then the way of every model into the store.
//
// Files arrive in `<models>/.pulling/<owner>--<name>@<commit>/`, which a killed pull leaves behind
// and the next one goes on with; it is removed when the model stands.
#pragma once

#include <string>

#include "base/thread_pool.h"
#include "coderank/cancellation.h"
#include "coderank/log.h"
#include "coderank/models.h"
#include "coderank/result.h"
#include "engine/model_hub.h"
#include "engine/model_pins.h"
#include "engine/model_store.h"

namespace coderank {

// The parts of the engine that a pull works with.
struct ModelPullContext {
  const ModelStore& store;
  const ModelPins& pins;
  ModelHub& hub;
  ThreadPool& pool;
  LogSink log;  // may be empty
};

Result<ModelPullReport> PullModel(const ModelPullContext& context, const ModelPullRequest& request,
                                  const ModelPullProgressSink& progress,
                                  const CancellationToken* cancel);

}  // namespace coderank
