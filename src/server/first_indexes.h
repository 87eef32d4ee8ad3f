// The first runs of the indexer that searches wait for.
//
// A tree's index is made once, however many ask for it, on a thread for that, so that those who
// wait take no engine from others. Whoever stops waiting does not have to begin anew.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "coderank/indexing.h"
#include "server/index_thread.h"
#include "server/service.h"

namespace coderank::server {

// Thread-safe.
class FirstIndexes {
 public:
  using Build = std::function<Result<IndexReport>(const IndexRequest&, const ProgressSink&,
                                                  const CancellationToken*)>;
  // `build` is called on `thread`, which must end before this is destroyed.
  FirstIndexes(IndexThread& thread, Build build) : thread_(thread), build_(std::move(build)) {}

  // Waits for the run that makes the index of the folder; begins it where none is under way. A
  // caller whose token is cancelled is let go: with kUnavailable and how far the run is where that
  // goes on without it (CallContext::keeps_first_index, or another waits), else with kCancelled.
  Result<IndexReport> Make(const IndexRequest& request, const CallContext& context);
  // Cancels all runs.
  void Stop();

 private:
  struct Run {
    CancellationToken cancel;
    std::optional<Result<IndexReport>> result;  // all below: guarded by mutex_
    IndexProgress progress;
    uint64_t reports = 0;  // of progress
    size_t waiting = 0;
    bool kept = false;  // goes on when nobody waits
  };
  using Runs = std::map<std::string, std::shared_ptr<Run>>;

  Result<std::shared_ptr<Run>> Join(const IndexRequest& request, bool keep);
  void Work(const IndexRequest& request, const std::shared_ptr<Run>& run);
  Status Leave(const IndexRequest& request, Run& run);

  IndexThread& thread_;
  const Build build_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Runs runs_;  // under way or waiting for the thread, by folder; guarded by mutex_
};

}  // namespace coderank::server
