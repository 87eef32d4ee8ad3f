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

// The tree beside the index: by what is known of a followed tree, else by a look at it.
struct Engine::State::TreeLook {
  WalkOptions walk;
  std::string switches;  // of the walk
  FollowedTrees* trees = nullptr;
  std::optional<PossibleChanges> possible;  // of a followed tree
  TreeComparison found;

  // Tells whoever follows the tree that the index has what was found.
  void Settle(const IndexLocation& location, uint64_t before, uint64_t after) const {
    if (possible) trees->Settle(location, *possible, before, after);
  }
};

Result<Engine::State::TreeLook> Engine::State::LookAtTree(const IndexLocation& location,
                                                          const Config& config,
                                                          const OpenedIndex& index,
                                                          const CancellationToken* cancel) const {
  TreeLook look;
  CODERANK_ASSIGN(look.switches, index.store.Meta(kMetaWalkSwitches));
  look.walk = WalkOptionsOf(config, look.switches);
  if (options.share != nullptr && !location.id.empty()) {
    look.trees = &options.share->trees();
    look.possible = look.trees->ChangesOf(location, look.walk, index.generation.chunks);
  }
  if (!look.possible) {
    CODERANK_ASSIGN(look.found,
                    CompareTree(index.store, location.root, look.walk, kLookTime, cancel));
  } else if (look.possible->paths.empty()) {
    look.found.complete = true;
  } else {
    CODERANK_ASSIGN(look.found,
                    CompareAt(index.store, location.root, look.walk, look.possible->paths));
    if (look.found.changes.empty()) {
      look.Settle(location, index.generation.chunks, index.generation.chunks);
    }
  }
  return look;
}

Result<Freshness> Engine::State::RefreshIfCheap(const IndexLocation& location,
                                                const OpenedIndex& index,
                                                const CancellationToken* cancel) {
  CODERANK_ASSIGN(const Config config, ConfigFor(location.root));
  const auto look = LookAtTree(location, config, index, cancel);
  if (!look && IsCancelled(cancel)) return look.error();
  if (!look) return Freshness{};  // the tree cannot be read now; the index can
  const TreeComparison& found = look->found;
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
  const auto before = written->Generation();
  const auto refreshed = RunIndexer(*written,
                                    {.location = writable,
                                     .config = config,
                                     .walk_switches = look->switches,
                                     .embedding_seconds = kEmbeddingSeconds,
                                     .changes = &found.changes,
                                     .explain_budget = false,
                                     .may_lag = true,
                                     .patience = Patience::kSearch},
                                    {}, cancel);
  if (!refreshed && IsCancelled(cancel)) return refreshed.error();
  freshness.refreshed = refreshed.has_value();
  const auto after = written->Generation();
  if (refreshed && before && after) look->Settle(location, before->chunks, after->chunks);
  return freshness;
}

}  // namespace coderank
