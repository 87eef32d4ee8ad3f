#include "server/index_thread.h"

#include <sys/resource.h>

#include <utility>

#include "base/try.h"

namespace coderank::server {

IndexThread::IndexThread(size_t most_waiting, int niceness)
    : most_waiting_(most_waiting), niceness_(niceness), thread_([this] { Work(); }) {}

IndexThread::~IndexThread() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const auto& task : tasks_) task->dropped = true;
    tasks_.clear();
    idle_.clear();
  }
  changed_.notify_all();
  thread_.join();
}

// Precondition: the caller holds mutex_.
Status IndexThread::Add(std::shared_ptr<Task> task) {
  if (stopping_) return Cancelled("the server stops");
  if (tasks_.size() >= most_waiting_) {
    return ResourceExhausted("too many indexes wait to be made or refreshed; try again");
  }
  tasks_.push_back(std::move(task));
  changed_.notify_all();
  return OkStatus();
}

Status IndexThread::Run(const std::function<void()>& task) {
  const auto mine = std::make_shared<Task>(Task{.run = task});
  std::unique_lock lock(mutex_);
  CODERANK_TRY(Add(mine));
  changed_.wait(lock, [&mine] { return mine->done || mine->dropped; });
  return mine->done ? OkStatus() : Cancelled("the server stops");
}

Status IndexThread::Begin(std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  return Add(std::make_shared<Task>(Task{.run = std::move(task)}));
}

bool IndexThread::RunWhenIdle(std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return false;
  idle_.push_back(std::move(task));
  changed_.notify_all();
  return true;
}

size_t IndexThread::waiting() const {
  const std::lock_guard lock(mutex_);
  return tasks_.size();
}

void IndexThread::Work() {
  // On Linux a priority is a thread's own. Without the right to lower it, indexing only is slower.
  if (niceness_ > 0) (void)::setpriority(PRIO_PROCESS, 0, niceness_);
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !tasks_.empty() || !idle_.empty(); });
    if (stopping_) return;
    if (!tasks_.empty()) {
      const std::shared_ptr<Task> task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task->run();
      lock.lock();
      task->done = true;
      changed_.notify_all();
      continue;
    }
    const std::function<void()> task = std::move(idle_.front());
    idle_.pop_front();
    lock.unlock();
    task();
    lock.lock();
  }
}

}  // namespace coderank::server
