// FollowedTrees: which files of a tree may differ from its index, without a look at the tree.
//
// Looking costs a search more than all the rest where a tree is large. A process that answers many
// has the trees watched that it is asked about. A thread of lowest priority compares tree and index
// once; from then on only files that events name can differ. When anything may have changed, or
// somebody else has written the index, it compares again, and searches look for themselves
// meanwhile. Once a minute it compares anyway: a link from outside, a shared mapping or an ignore
// rule that lies elsewhere changes files without an event.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "coderank/cancellation.h"
#include "engine/index_location.h"
#include "source/tree_watcher.h"
#include "source/walker.h"

namespace coderank {

// All files that may differ.
struct PossibleChanges {
  std::vector<std::string> paths;  // relative to the root
  uint64_t last_event = 0;         // that named one of them
};

// Thread-safe.
class FollowedTrees {
 public:
  FollowedTrees() = default;
  ~FollowedTrees();  // ends a comparison under way
  FollowedTrees(const FollowedTrees&) = delete;
  FollowedTrees& operator=(const FollowedTrees&) = delete;

  // By all changes that were over when this was called. `generation`: StoreGeneration::chunks of
  // the caller's view of the index. No value where it is not known, now or ever; the first call for
  // a tree begins to follow it.
  std::optional<PossibleChanges> ChangesOf(const IndexLocation& location, const WalkOptions& walk,
                                           uint64_t generation);

  // The index has those files as the tree has them. Between the generations `before` and `after`
  // the caller alone has written it; they are equal where nothing was to be written.
  void Settle(const IndexLocation& location, const PossibleChanges& changes, uint64_t before,
              uint64_t after);

 private:
  using Clock = std::chrono::steady_clock;

  struct Root {  // another folder under the same name is another tree
    dev_t device = 0;
    ino_t inode = 0;
    bool operator==(const Root&) const = default;
  };
  struct Tree {
    IndexLocation location;
    WalkOptions walk;
    Root root;
    std::unique_ptr<TreeWatcher> watcher;  // null: not yet, or while it is renewed
    bool cannot_be_watched = false;
    bool everything = true;  // may have changed since the watcher was renewed
    bool known = false;      // that no other files than these differ from `generation`
    std::map<std::string, uint64_t> paths;  // to the event that named the file last
    uint64_t events = 0;                    // counted
    uint64_t generation = 0;
    bool queued = false;      // for a comparison, or being compared
    Clock::time_point due{};  // no comparison before
    Clock::time_point compared{};
  };
  using TreePointer = std::shared_ptr<Tree>;
  using Trees = std::deque<TreePointer>;

  static Root RootOf(const IndexLocation& location);
  Trees::iterator PlaceOf(const IndexLocation& location);
  TreePointer Find(const IndexLocation& location, const WalkOptions& walk);
  void Drain(Tree& tree);
  void AddPath(Tree& tree, const std::string& path);
  void Queue(const TreePointer& tree);

  void Work();
  bool Renew(Tree& tree);
  void Compare(Tree& tree);

  CancellationToken stopping_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Trees trees_;  // all below: guarded by mutex_; least recently asked for first
  std::deque<TreePointer> queue_;
  std::thread thread_;  // of Work, from the first comparison on
};

}  // namespace coderank
