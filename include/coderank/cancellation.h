// Cooperative cancellation of long work.
#pragma once

#include <atomic>

namespace coderank {

// Set from any thread or from a signal handler; polled by the work between steps. Cancel() only
// stores to a lock-free atomic.
class CancellationToken {
 public:
  void Cancel() noexcept { cancelled_.store(true, std::memory_order_relaxed); }
  bool IsCancelled() const noexcept { return cancelled_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> cancelled_{false};
  static_assert(std::atomic<bool>::is_always_lock_free);
};

// Work that nobody can cancel has no token.
inline bool IsCancelled(const CancellationToken* cancel) noexcept {
  return cancel != nullptr && cancel->IsCancelled();
}

}  // namespace coderank
