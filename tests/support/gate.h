// Lets a test hold up what runs in other threads.
#pragma once

#include <condition_variable>
#include <mutex>

namespace coderank::testing {

// Opened once, or again without harm, for all that wait.
class Gate {
 public:
  void Open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void Wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

}  // namespace coderank::testing
