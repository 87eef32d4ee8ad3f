#include "migration/optimising.h"

#include <algorithm>
#include <chrono>

#include "base/cancellable_sleep.h"
#include "base/strings.h"
#include "base/try.h"

namespace coderank {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{100};
constexpr milliseconds kLongestPause{2'000};

}  // namespace

// "grey": the server has something to optimise and waits for the next write to do it.
Status WaitUntilOptimised(qdrant::Client& client, const std::string& collection,
                          const OptimisingWait& wait) {
  CollectionProgress state{.collection = wait.label, .phase = "optimising"};
  const auto start = Clock::now();
  auto last_change = start;
  for (milliseconds pause = kFirstPause;; pause = std::min(2 * pause, kLongestPause)) {
    CODERANK_ASSIGN(const qdrant::CollectionInfo info, client.Describe(collection));
    if (info.status == "red") {
      return FailedPrecondition(StrCat(collection, ": the server says that optimising it failed ",
                                       "(status red); its log says why"));
    }
    if (info.status != "yellow") return OkStatus();
    const auto now = Clock::now();
    if (info.indexed_vectors != state.done) last_change = now;
    if (now - last_change > wait.patience) {
      return Unavailable(StrCat(collection, ": is still being optimised, at ", info.indexed_vectors,
                                " of ", info.points, " vectors for ", wait.patience.count(),
                                " s; run the same again later"));
    }
    state.done = info.indexed_vectors;
    state.total = info.points;
    state.seconds = std::chrono::duration<double>(now - start).count();
    if (wait.progress) wait.progress(state);
    if (!SleepUnlessCancelled(pause, wait.cancel)) {
      return Cancelled("waiting for the collection was cancelled");
    }
  }
}

}  // namespace coderank
