// The one thread that indexes run on, at the lowest priority: what runs there yields the processor
// to queries. The threads and parser processes of an engine that is first used there inherit it.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "coderank/result.h"

namespace coderank::server {

class IndexThread {
 public:
  explicit IndexThread(size_t most_waiting);
  ~IndexThread();  // drops what waits, waits for what runs
  IndexThread(const IndexThread&) = delete;
  IndexThread& operator=(const IndexThread&) = delete;

  // Runs the task there, after those before it, and waits for it; or only for its turn where it
  // does nothing when cancelled. kResourceExhausted when too many wait already, kCancelled when
  // the thread ends first.
  Status Run(const std::function<void()>& task);
  // Runs it when nothing else waits; false once the thread ends.
  bool RunWhenIdle(std::function<void()> task);
  size_t waiting() const;

 private:
  struct Task {
    const std::function<void()>* run = nullptr;
    bool done = false;
    bool dropped = false;
  };
  void Work();

  const size_t most_waiting_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task*> tasks_;                 // all below: guarded by mutex_
  std::deque<std::function<void()>> idle_;  // for when there are none
  bool stopping_ = false;
  std::thread thread_;  // last: uses the rest
};

}  // namespace coderank::server
