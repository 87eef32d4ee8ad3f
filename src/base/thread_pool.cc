#include "base/thread_pool.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <system_error>

#include "base/file.h"

namespace coderank {
namespace {

thread_local bool inside_task = false;

// How long a thread looks for what it waits for before it sleeps. The operations of one forward
// pass follow each other within microseconds, while waking a thread takes tens; so threads stay
// awake within a pass, and an idle pool uses no CPU.
constexpr std::chrono::microseconds kSpin{50};

void Relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

// Until `done` or the end of kSpin.
template <typename Done>
void SpinUntil(const Done& done) {
  constexpr int kLooksAClockReading = 32;
  const auto end = std::chrono::steady_clock::now() + kSpin;
  do {
    for (int i = 0; i < kLooksAClockReading; ++i) {
      if (done()) return;
      Relax();
    }
  } while (std::chrono::steady_clock::now() < end);
}

}  // namespace

// Lives on the stack of the ParallelFor call, which leaves only when nobody works on it.
struct ThreadPool::Loop {
  size_t count;
  FunctionRef<void(size_t)> task;
  const CancellationToken* cancel;
  std::atomic<size_t> next{0};
  std::atomic<size_t> done{0};
  std::atomic<bool> failed{false};
  std::atomic<size_t> helpers{0};  // changed under mutex_
  std::exception_ptr failure;      // written by the one thread that sets `failed`

  // Runs indices until none is left.
  void Work() {
    inside_task = true;
    for (;;) {
      if (failed.load(std::memory_order_relaxed)) break;
      if (IsCancelled(cancel)) break;
      const size_t index = next.fetch_add(1, std::memory_order_relaxed);
      if (index >= count) break;
      try {
        task(index);
      } catch (...) {
        if (!failed.exchange(true)) failure = std::current_exception();
      }
      done.fetch_add(1, std::memory_order_relaxed);
    }
    inside_task = false;
  }
};

ThreadPool::ThreadPool(size_t threads) {
  try {
    for (size_t i = 1; i < threads; ++i) workers_.emplace_back([this] { WorkerMain(); });
  } catch (const std::system_error&) {
    // The system gives no more threads: those there do the work.
  }
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_available_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::WorkerMain() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (loops_.empty() && !stopping_) {
      const uint64_t seen = posted_.load(std::memory_order_relaxed);
      lock.unlock();
      SpinUntil([&] { return posted_.load(std::memory_order_relaxed) != seen; });
      lock.lock();
    }
    work_available_.wait(lock, [this] { return stopping_ || !loops_.empty(); });
    if (stopping_) return;
    Loop* loop = loops_.front();
    ++loop->helpers;
    lock.unlock();
    loop->Work();
    lock.lock();
    loops_.remove(loop);  // no index is left to start; others may have removed it already
    if (--loop->helpers == 0) loop_left_.notify_all();
  }
}

bool ThreadPool::ParallelFor(size_t count, FunctionRef<void(size_t)> task,
                             const CancellationToken* cancel) {
  if (count <= 1 || workers_.empty() || inside_task) {
    for (size_t i = 0; i < count; ++i) {
      if (IsCancelled(cancel)) return false;
      task(i);
    }
    return true;
  }
  Loop loop{.count = count, .task = task, .cancel = cancel, .failure = nullptr};
  {
    const std::lock_guard lock(mutex_);
    loops_.push_back(&loop);
    posted_.fetch_add(1, std::memory_order_relaxed);
  }
  if (count - 1 >= workers_.size()) {
    work_available_.notify_all();
  } else {
    for (size_t i = 1; i < count; ++i) work_available_.notify_one();
  }
  loop.Work();
  {
    std::unique_lock lock(mutex_);
    loops_.remove(&loop);  // nobody joins it from here on
    if (loop.helpers != 0) {
      lock.unlock();
      SpinUntil([&loop] { return loop.helpers == 0; });
      lock.lock();
    }
    loop_left_.wait(lock, [&loop] { return loop.helpers == 0; });
  }
  if (loop.failure) std::rethrow_exception(loop.failure);
  return loop.done.load() == count;
}

size_t AvailableCores() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  size_t cores = std::max<size_t>(1, std::thread::hardware_concurrency());
  if (sched_getaffinity(0, sizeof(mask), &mask) == 0) {
    cores = static_cast<size_t>(CPU_COUNT(&mask));
  }
  // cgroup v2: "<quota> <period>" in microseconds, or "max <period>".
  const auto limit = ReadFile("/sys/fs/cgroup/cpu.max", 4096);
  if (limit && limit->rfind("max", 0) != 0) {
    char* end = nullptr;
    const double quota = std::strtod(limit->c_str(), &end);
    const double period = std::strtod(end, nullptr);
    if (quota > 0 && period > 0) {
      cores = std::min(cores, static_cast<size_t>(std::max(1.0, quota / period)));
    }
  }
  return std::max<size_t>(1, cores);
}

}  // namespace coderank
