#include "http/handler_threads.h"

#include <system_error>
#include <utility>

namespace coderank::http {

HandlerThreads::~HandlerThreads() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool HandlerThreads::Run(std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  if (busy_ == threads_.size()) {
    if (threads_.size() == most_) return false;
    try {
      threads_.emplace_back([this] { Work(); });
    } catch (const std::system_error&) {
      return false;  // the system gives no more threads
    }
  }
  ++busy_;
  tasks_.push_back(std::move(task));
  changed_.notify_one();
  return true;
}

void HandlerThreads::Work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
    if (tasks_.empty()) return;
    const std::function<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    lock.lock();
    --busy_;
  }
}

}  // namespace coderank::http
