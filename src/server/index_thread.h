// A thread that indexes run on, one after the other, at a priority of its own. The threads and
// parser processes of an engine that is first used there inherit that.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "coderank/result.h"

namespace coderank::server {

class IndexThread {
 public:
  // `niceness`: 0 to 19, which yields the processor to all others.
  IndexThread(size_t most_waiting, int niceness);
  ~IndexThread();  // drops what waits, waits for what runs
  IndexThread(const IndexThread&) = delete;
  IndexThread& operator=(const IndexThread&) = delete;

  // Runs the task there, after those before it, and waits for it; or only for its turn where it
  // does nothing when cancelled. kResourceExhausted when too many wait already, kCancelled when
  // the thread ends first.
  Status Run(const std::function<void()>& task);
  // The same without waiting. A task that the thread's end comes before is destroyed.
  Status Begin(std::function<void()> task);
  // Runs it when nothing else waits; false once the thread ends.
  bool RunWhenIdle(std::function<void()> task);
  size_t waiting() const;

 private:
  struct Task {
    std::function<void()> run;
    bool done = false;
    bool dropped = false;
  };
  Status Add(std::shared_ptr<Task> task);
  void Work();

  const size_t most_waiting_;
  const int niceness_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<Task>> tasks_;  // all below: guarded by mutex_
  std::deque<std::function<void()>> idle_;   // for when there are none
  bool stopping_ = false;
  std::thread thread_;  // last: uses the rest
};

}  // namespace coderank::server
