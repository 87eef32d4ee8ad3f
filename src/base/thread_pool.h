// A fixed set of threads for data-parallel loops.
//
// The calling thread takes part, so a pool of size n starts n - 1 threads. Idle threads sleep on
// a condition variable: a pool that is not used costs no CPU. Several threads may call
// ParallelFor at once; a call from inside a task runs inline on that thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

#include "base/function_ref.h"
#include "coderank/cancellation.h"

namespace coderank {

class ThreadPool {
 public:
  // `threads` >= 1 counts the calling thread.
  explicit ThreadPool(size_t threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  size_t size() const { return workers_.size() + 1; }

  // Calls task(i) once for every i in [0, count), in any order, and returns when all are done.
  // When `cancel` is set no further index is started; returns false if any was left out. The
  // first exception a task throws is rethrown here after the loop has stopped.
  bool ParallelFor(size_t count, FunctionRef<void(size_t)> task,
                   const CancellationToken* cancel = nullptr);

 private:
  struct Loop;
  void WorkerMain();

  std::mutex mutex_;
  std::condition_variable work_available_;
  std::condition_variable loop_left_;
  std::list<Loop*> loops_;           // guarded by mutex_; loops with indices not yet started
  std::atomic<uint64_t> posted_{0};  // loops so far, for threads that look without the mutex
  bool stopping_ = false;            // guarded by mutex_
  std::vector<std::thread> workers_;
};

// Cores this process may run on: the affinity mask, further limited by a cgroup CPU quota.
size_t AvailableCores();

}  // namespace coderank
