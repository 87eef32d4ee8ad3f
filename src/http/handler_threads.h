// The threads that handlers run on. They may wait there: for an engine, or for an index.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace coderank::http {

// Thread-safe. Threads are made when all are busy, up to the limit, and kept.
class HandlerThreads {
 public:
  explicit HandlerThreads(size_t most) : most_(most) {}
  ~HandlerThreads();  // waits for what runs
  HandlerThreads(const HandlerThreads&) = delete;
  HandlerThreads& operator=(const HandlerThreads&) = delete;

  // False when all are taken.
  bool Run(std::function<void()> task);

 private:
  void Work();

  const size_t most_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;  // all below: guarded by mutex_
  size_t busy_ = 0;                          // running, or waiting in tasks_
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace coderank::http
