// TreeWatcher: tells that something in a tree may have changed.
//
// Two ways: inotify, which the kernel feeds at once, and looking at the clock, where the kernel has
// no watches left or the file system reports nothing (network and shared folders). What is reported
// is a hint: the caller compares the tree with what it knows.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "coderank/cancellation.h"
#include "coderank/result.h"
#include "source/walker.h"

namespace coderank {

struct TreeEvents {
  std::vector<std::string> paths;  // relative to the root, each once; files that may have changed
  bool everything = false;         // anything may have: look at the whole tree

  bool empty() const { return paths.empty() && !everything; }
};

// Not thread-safe.
class TreeWatcher {
 public:
  virtual ~TreeWatcher() = default;
  virtual std::string_view name() const = 0;  // "inotify" or "poll"
  // Waits at most `timeout` for a first event, then until it has been quiet for a while, so that
  // a checkout or a build comes as one. Empty after the timeout and when cancelled.
  // kResourceExhausted when the watcher cannot go on; another can (MakePollWatcher).
  virtual Result<TreeEvents> Wait(std::chrono::milliseconds timeout,
                                  const CancellationToken* cancel) = 0;
  // What came until now, without waiting: every change that was over when this was called. After
  // "everything", new folders are watched from the next Renew on.
  virtual Result<TreeEvents> Drain() = 0;
  // Watches the folders that the walk enters now. Errors as of Wait, and of the walk.
  virtual Status Renew() = 0;
};

// Watches every folder that the walk enters. kResourceExhausted when the kernel has no watches
// left, or for more than `most_folders`; kUnavailable where the file system does not report
// changes.
Result<std::unique_ptr<TreeWatcher>> MakeInotifyWatcher(const std::filesystem::path& root,
                                                        const WalkOptions& walk,
                                                        size_t most_folders = SIZE_MAX);

// Says "everything" once in `interval`.
std::unique_ptr<TreeWatcher> MakePollWatcher(std::chrono::milliseconds interval);

}  // namespace coderank
