// Lets a few callers in at a time, in the order they came; a bounded number waits.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <vector>

#include "coderank/cancellation.h"
#include "coderank/result.h"

namespace coderank::server {

// Thread-safe.
class Turnstile {
 public:
  struct Options {
    std::string name;  // of what is waited for, in messages: "searches"
    size_t places = 1;
    size_t most_waiting = 0;
  };
  struct Load {
    size_t inside = 0;
    size_t waiting = 0;
  };

  // The right to be inside, until destroyed.
  class Pass {
   public:
    Pass(Turnstile& owner, size_t place) : owner_(&owner), place_(place) {}
    Pass(Pass&& other) noexcept : owner_(other.owner_), place_(other.place_) {
      other.owner_ = nullptr;
    }
    Pass& operator=(Pass&&) = delete;
    ~Pass() {
      if (owner_ != nullptr) owner_->Leave(place_);
    }
    size_t place() const { return place_; }  // below `places`; nobody else has it

   private:
    Turnstile* owner_;
    size_t place_;
  };

  explicit Turnstile(Options options);

  // Waits for a place. kResourceExhausted when too many wait already, kCancelled.
  Result<Pass> Enter(const CancellationToken* cancel);
  Load load() const;

 private:
  void Leave(size_t place);

  const Options options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<size_t> free_;     // all below: guarded by mutex_
  std::list<uint64_t> waiting_;  // tickets, in order
  uint64_t next_ticket_ = 0;
};

}  // namespace coderank::server
