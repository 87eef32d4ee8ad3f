#include "server/mcp/call_queue.h"

#include <system_error>
#include <utility>

namespace coderank::server::mcp {

CallQueue::~CallQueue() {
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    threads.swap(threads_);
  }
  work_available_.notify_all();
  for (std::thread& thread : threads) thread.join();
}

bool CallQueue::Post(std::function<void()> job) {
  const std::lock_guard lock(mutex_);
  // A free thread stays free until it has taken its job: count those that have theirs already.
  const bool needs_thread = jobs_.size() >= free_threads_;
  const bool may_start = threads_.size() < limits_.threads;
  if (needs_thread && !may_start && jobs_.size() >= free_threads_ + limits_.waiting) return false;
  if (needs_thread && may_start && !StartThread() && threads_.empty()) return false;
  jobs_.push_back(std::move(job));
  work_available_.notify_one();
  return true;
}

bool CallQueue::StartThread() {
  try {
    threads_.emplace_back([this] { Work(); });
  } catch (const std::system_error&) {  // the machine has no more of them
    return false;
  }
  ++free_threads_;
  return true;
}

void CallQueue::Work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    work_available_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    --free_threads_;
    lock.unlock();
    job();
    job = nullptr;  // what it holds goes before this thread counts as free
    lock.lock();
    ++free_threads_;
  }
}

}  // namespace coderank::server::mcp
