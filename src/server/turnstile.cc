#include "server/turnstile.h"

#include <chrono>
#include <utility>

#include "base/strings.h"

namespace coderank::server {
namespace {

// A token tells nobody that it is cancelled: who waits looks at it this often.
constexpr std::chrono::milliseconds kLook{20};

}  // namespace

Turnstile::Turnstile(Options options) : options_(std::move(options)) {
  for (size_t place = options_.places; place > 0; --place) free_.push_back(place - 1);
}

Result<Turnstile::Pass> Turnstile::Enter(const CancellationToken* cancel) {
  std::unique_lock lock(mutex_);
  const bool full = free_.empty() || !waiting_.empty();
  if (full && waiting_.size() >= options_.most_waiting) {
    return ResourceExhausted(StrCat("too many ", options_.name, " at once: ", options_.places,
                                    " run and ", waiting_.size(), " wait; try again"));
  }
  const uint64_t ticket = next_ticket_++;
  const auto mine = waiting_.insert(waiting_.end(), ticket);
  const auto is_my_turn = [&] { return !free_.empty() && waiting_.front() == ticket; };
  while (!changed_.wait_for(lock, kLook, is_my_turn)) {
    if (!IsCancelled(cancel)) continue;
    waiting_.erase(mine);
    changed_.notify_all();
    return Cancelled(StrCat("cancelled while waiting behind other ", options_.name));
  }
  waiting_.erase(mine);
  const size_t place = free_.back();
  free_.pop_back();
  changed_.notify_all();
  return Pass(*this, place);
}

Turnstile::Load Turnstile::load() const {
  const std::lock_guard lock(mutex_);
  return {.inside = options_.places - free_.size(), .waiting = waiting_.size()};
}

void Turnstile::Leave(size_t place) {
  const std::lock_guard lock(mutex_);
  free_.push_back(place);
  changed_.notify_all();
}

}  // namespace coderank::server
