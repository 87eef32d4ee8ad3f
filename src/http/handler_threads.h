// The threads that handlers run on. They may wait there: for an engine, or for an index.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace coderank::http {

// Thread-safe. Threads are made when all are busy, up to the limit, and kept.
class HandlerThreads {
 public:
  // One of the tasks that may be worked on at once. Thread-safe.
  class Place {
   public:
    explicit Place(HandlerThreads& threads) : threads_(threads) {}
    // Another task may come, though this one has not quite ended. Happens by itself at its end.
    void GiveBack();

   private:
    HandlerThreads& threads_;
    bool given_back_ = false;  // guarded by the threads' mutex
  };

  explicit HandlerThreads(size_t most) : most_(most) {}
  ~HandlerThreads();  // waits for what runs
  HandlerThreads(const HandlerThreads&) = delete;
  HandlerThreads& operator=(const HandlerThreads&) = delete;

  // Nothing when all places are taken.
  std::shared_ptr<Place> Run(std::function<void()> task);

 private:
  struct Task {
    std::function<void()> work;
    std::shared_ptr<Place> place;
  };
  void Work();

  const size_t most_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> tasks_;  // all below: guarded by mutex_
  size_t taken_ = 0;        // places
  size_t busy_ = 0;         // tasks that run, or wait in tasks_; may be more than places are taken
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace coderank::http
