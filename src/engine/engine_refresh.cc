// Engine: an index that is searched is brought up to date first where that takes no time to speak
// of.
#include <chrono>
#include <utility>

#include "base/try.h"
#include "engine/engine_state.h"
#include "engine/index_access.h"

namespace coderank {
namespace {

// For looking at the tree before an answer: about 5,000 files, at 6 us each.
constexpr std::chrono::milliseconds kLookTime{30};
// More changes than somebody makes by hand between two questions, or more text than is read and
// hashed in about 30 ms, are not worth waiting for. Files that were written just before they were
// indexed, as after a clone, have to be read once more; they count by their bytes alone.
constexpr uint64_t kFewFiles = 32;
constexpr uint64_t kFewBytes = uint64_t{8} << 20;
// For the vectors of what changed; what does not fit waits for the next run.
constexpr double kEmbeddingSeconds = 0.5;

bool IsCheap(const TreeComparison& found) {
  uint64_t bytes = 0;
  for (const WalkedFile& file : found.changes.present) bytes += file.size;
  const uint64_t changed = found.new_files + found.changed_files + found.removed_files;
  return found.complete && changed <= kFewFiles && bytes <= kFewBytes;
}

}  // namespace

Result<Freshness> Engine::State::RefreshIfCheap(const IndexLocation& location,
                                                const IndexStore& store,
                                                const CancellationToken* cancel) {
  CODERANK_ASSIGN(const Config config, ConfigFor(location.root));
  CODERANK_ASSIGN(const std::string switches, store.Meta(kMetaWalkSwitches));
  const WalkOptions walk = WalkOptionsOf(config, switches);
  const auto compared = CompareTree(store, location.root, walk, kLookTime, cancel);
  if (!compared && IsCancelled(cancel)) return compared.error();
  if (!compared) return Freshness{};  // the tree cannot be read now; the index can
  const TreeComparison& found = *compared;
  Freshness freshness{.known = found.complete,
                      .new_files = found.new_files,
                      .changed_files = found.changed_files,
                      .removed_files = found.removed_files};
  // An index without an id is somebody else's: it is used and not written.
  if (found.changes.empty() || !IsCheap(found) || location.id.empty()) return freshness;
  CODERANK_ASSIGN(const Config user_config, ConfigFor({}));
  IndexLocation writable = location;
  auto written = OpenIndexForWriting(LocatorFor(user_config), writable, [] { return false; });
  if (!written) return freshness;
  const auto refreshed = RunIndexer(*written,
                                    {.location = writable,
                                     .config = config,
                                     .walk_switches = switches,
                                     .embedding_seconds = kEmbeddingSeconds,
                                     .changes = &found.changes,
                                     .explain_budget = false,
                                     .may_lag = true},
                                    {}, cancel);
  if (!refreshed && IsCancelled(cancel)) return refreshed.error();
  freshness.refreshed = refreshed.has_value();
  return freshness;
}

}  // namespace coderank
