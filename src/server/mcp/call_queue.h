// The threads that run calls, for all sessions of a process.
//
// A thread is started when a call finds none that is free, up to a limit; beyond it calls wait, in
// order, up to a second limit. Threads that have nothing to do sleep.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace coderank::server::mcp {

// Thread-safe.
class CallQueue {
 public:
  struct Limits {
    size_t threads = 32;   // calls that run at once; they mostly wait for the engines
    size_t waiting = 256;  // calls that wait for a thread
  };

  explicit CallQueue(Limits limits) : limits_(limits) {}
  CallQueue(const CallQueue&) = delete;
  CallQueue& operator=(const CallQueue&) = delete;
  // Runs what waits, and returns when all has ended: cancel it before.
  ~CallQueue();

  // False when too many wait. `job` must not throw.
  bool Post(std::function<void()> job);

 private:
  bool StartThread();  // with mutex_ held
  void Work();

  const Limits limits_;
  std::mutex mutex_;
  std::condition_variable work_available_;
  std::deque<std::function<void()>> jobs_;  // guarded by mutex_
  size_t free_threads_ = 0;                 // guarded by mutex_
  bool stopping_ = false;                   // guarded by mutex_
  std::vector<std::thread> threads_;        // guarded by mutex_
};

}  // namespace coderank::server::mcp
