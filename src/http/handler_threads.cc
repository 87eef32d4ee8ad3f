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

void HandlerThreads::Place::GiveBack() {
  const std::lock_guard lock(threads_.mutex_);
  if (std::exchange(given_back_, true)) return;
  --threads_.taken_;
}

std::shared_ptr<HandlerThreads::Place> HandlerThreads::Run(std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  if (taken_ == most_) return nullptr;
  // With the most threads there may be, it waits for one that has given its place back.
  if (busy_ >= threads_.size() && threads_.size() < most_) {
    try {
      threads_.emplace_back([this] { Work(); });
    } catch (const std::system_error&) {
      return nullptr;  // the system gives no more threads
    }
  }
  ++busy_;
  ++taken_;
  tasks_.push_back({.work = std::move(task), .place = std::make_shared<Place>(*this)});
  changed_.notify_one();
  return tasks_.back().place;
}

void HandlerThreads::Work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
    if (tasks_.empty()) return;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task.work();
    task.work = nullptr;  // what it holds ends before its place is free
    task.place->GiveBack();
    lock.lock();
    --busy_;
  }
}

}  // namespace coderank::http
