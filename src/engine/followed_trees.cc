#include "engine/followed_trees.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "coderank/result.h"
#include "engine/index_access.h"
#include "engine/tree_changes.h"

namespace coderank {
namespace {

using std::chrono::milliseconds;

// As many as an engine keeps open.
constexpr size_t kMostTrees = 16;
// Of a tree. The kernel takes about a kilobyte for each, and other programs want some too.
constexpr size_t kMostFolders = 32'000;
// With more, a look at the tree costs no more than one at each of them.
constexpr size_t kMostPaths = 256;
// What no event tells is noticed so much later, at most.
constexpr std::chrono::minutes kComparedAgain{1};
// A tree that never comes to rest is compared this seldom, and for a tenth of the time.
constexpr milliseconds kLeastPause{200};
constexpr int kPauseShare = 10;
// Yields the processor to all others.
constexpr int kLowestPriority = 19;
// Folders that are made while watches are set ask for another round.
constexpr int kRounds = 3;

struct Compared {
  TreeComparison found;
  uint64_t generation = 0;
};

// No value when the index was written meanwhile, or one of both cannot be read.
std::optional<Compared> CompareQuietly(const IndexLocation& location, const WalkOptions& walk,
                                       const CancellationToken* cancel) {
  const auto store = OpenIndexForReading(location);
  if (!store) return std::nullopt;
  const auto before = store->Generation();
  auto found = CompareTree(*store, location.root, walk, milliseconds(0), cancel);
  const auto after = store->Generation();
  if (!before || !found || !after || before->chunks != after->chunks) return std::nullopt;
  return Compared{.found = *std::move(found), .generation = after->chunks};
}

}  // namespace

FollowedTrees::~FollowedTrees() {
  {
    const std::lock_guard lock(mutex_);
    stopping_.Cancel();
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

FollowedTrees::Root FollowedTrees::RootOf(const IndexLocation& location) {
  struct stat info {};
  if (::stat(location.root.c_str(), &info) != 0) return {};
  return {.device = info.st_dev, .inode = info.st_ino};
}

// Precondition of this and the next four: the caller holds mutex_.
FollowedTrees::Trees::iterator FollowedTrees::PlaceOf(const IndexLocation& location) {
  return std::find_if(trees_.begin(), trees_.end(), [&location](const auto& tree) {
    return tree->location.root == location.root && tree->location.folder == location.folder;
  });
}

FollowedTrees::TreePointer FollowedTrees::Find(const IndexLocation& location,
                                               const WalkOptions& walk) {
  const auto place = PlaceOf(location);
  const Root root = RootOf(location);
  TreePointer tree;
  if (place != trees_.end()) {
    tree = *place;
    trees_.erase(place);
  }
  if (tree == nullptr || tree->location.id != location.id || tree->root != root ||
      tree->walk != walk) {
    tree = std::make_shared<Tree>();
    tree->location = location;
    tree->walk = walk;
    tree->root = root;
  }
  trees_.push_back(tree);
  if (trees_.size() > kMostTrees) trees_.pop_front();
  return tree;
}

void FollowedTrees::Drain(Tree& tree) {
  auto events = tree.watcher->Drain();
  if (!events || events->everything) tree.everything = true;
  if (!events) return;
  for (const std::string& path : events->paths) AddPath(tree, path);
}

void FollowedTrees::AddPath(Tree& tree, const std::string& path) {
  tree.paths[path] = ++tree.events;
  if (tree.paths.size() <= kMostPaths) return;
  tree.everything = true;
  tree.paths.clear();
}

void FollowedTrees::Queue(const TreePointer& tree) {
  if (tree->queued || tree->cannot_be_watched || Clock::now() < tree->due) return;
  tree->queued = true;
  queue_.push_back(tree);
  if (!thread_.joinable()) thread_ = std::thread([this] { Work(); });
  changed_.notify_all();
}

std::optional<PossibleChanges> FollowedTrees::ChangesOf(const IndexLocation& location,
                                                        const WalkOptions& walk,
                                                        uint64_t generation) {
  const std::lock_guard lock(mutex_);
  const TreePointer tree = Find(location, walk);
  if (tree->watcher != nullptr) Drain(*tree);
  if (tree->everything) tree->known = false;
  const bool is_current = tree->known && generation == tree->generation;
  const bool is_old = is_current && Clock::now() - tree->compared >= kComparedAgain;
  // A view that is older than what is known says nothing about it.
  if (!tree->known || generation > tree->generation || is_old) Queue(tree);
  if (!is_current) return std::nullopt;
  PossibleChanges changes{.paths = {}, .last_event = tree->events};
  for (const auto& [path, event] : tree->paths) changes.paths.push_back(path);
  return changes;
}

void FollowedTrees::Settle(const IndexLocation& location, const PossibleChanges& changes,
                           uint64_t before, uint64_t after) {
  const std::lock_guard lock(mutex_);
  const auto place = PlaceOf(location);
  if (place == trees_.end()) return;
  Tree& tree = **place;
  if (tree.location.id != location.id || !tree.known || tree.generation != before) return;
  tree.generation = after;
  for (const std::string& path : changes.paths) {
    const auto named = tree.paths.find(path);
    // What an event has named since is to be looked at again.
    if (named != tree.paths.end() && named->second <= changes.last_event) tree.paths.erase(named);
  }
}

void FollowedTrees::Work() {
  // On Linux a priority is a thread's own.
  (void)::setpriority(PRIO_PROCESS, 0, kLowestPriority);
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return IsCancelled(&stopping_) || !queue_.empty(); });
    if (IsCancelled(&stopping_)) return;
    const TreePointer tree = std::move(queue_.front());
    queue_.pop_front();
    const bool watched = tree->watcher != nullptr && !tree->everything;
    lock.unlock();
    const auto start = Clock::now();
    if (watched || Renew(*tree)) Compare(*tree);
    const auto end = Clock::now();
    lock.lock();
    tree->due = end + std::max<Clock::duration>(kLeastPause, kPauseShare * (end - start));
    tree->queued = false;
  }
}

// False where the tree cannot be watched, or does not come to rest.
bool FollowedTrees::Renew(Tree& tree) {
  std::unique_ptr<TreeWatcher> watcher;
  {
    const std::lock_guard lock(mutex_);
    watcher = std::move(tree.watcher);
  }
  Status renewed = OkStatus();
  if (watcher == nullptr) {
    auto made = MakeInotifyWatcher(tree.location.root, tree.walk, kMostFolders);
    if (made) {
      watcher = *std::move(made);
    } else {
      renewed = made.error();
    }
  } else {
    renewed = watcher->Renew();
  }
  bool at_rest = false;
  for (int round = 0; renewed.ok() && !at_rest && round < kRounds; ++round) {
    const auto events = watcher->Drain();
    at_rest = events && !events->everything;
    if (!events) renewed = events.error();
    if (events && events->everything) renewed = watcher->Renew();
  }
  const std::lock_guard lock(mutex_);
  // A folder that was removed may come back; what the kernel refuses, it refuses again.
  const bool vanished = renewed.code() == StatusCode::kNotFound;
  tree.cannot_be_watched = !renewed.ok() && !vanished;
  if (!renewed.ok()) return false;
  tree.watcher = std::move(watcher);
  tree.everything = !at_rest;
  tree.known = false;
  tree.paths.clear();
  return at_rest;
}

void FollowedTrees::Compare(Tree& tree) {
  const auto compared = CompareQuietly(tree.location, tree.walk, &stopping_);
  const std::lock_guard lock(mutex_);
  if (!compared) return;
  Drain(tree);
  // Somebody has settled what he found meanwhile, of a later generation.
  if (tree.known && tree.generation > compared->generation) return;
  const TreeChanges& found = compared->found.changes;
  tree.known = !tree.everything && found.size() <= kMostPaths;
  if (!tree.known) return;
  tree.generation = compared->generation;
  tree.compared = Clock::now();
  for (const WalkedFile& file : found.present) AddPath(tree, file.path);
  for (const std::string& path : found.gone) AddPath(tree, path);
}

}  // namespace coderank
