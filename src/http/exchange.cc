#include "http/exchange.h"

#include <utility>

namespace coderank::http {
namespace {

// Of a stream that the client does not read: more would be memory in a stranger's hands.
constexpr size_t kMostWaiting = size_t{4} << 20;

}  // namespace

ExchangeState::Output ExchangeState::Take() {
  const std::lock_guard lock(mutex_);
  Output taken = std::exchange(output_, Output{});
  output_.streams = taken.streams;
  output_.ended = taken.ended;
  return taken;
}

void ExchangeState::Cancel(EndedBy reason) {
  std::function<void()> told;
  {
    const std::lock_guard lock(mutex_);
    if (ended_by_ != EndedBy::kNobody) return;
    ended_by_ = reason;
    told = std::exchange(told_, nullptr);
  }
  cancel_.Cancel();
  if (told) told();
}

void ExchangeState::Detach() {
  {
    const std::lock_guard lock(mutex_);
    wake_ = nullptr;
  }
  Cancel(EndedBy::kClient);
}

void ExchangeState::OnCancel(std::function<void()> told) {
  {
    const std::lock_guard lock(mutex_);
    if (output_.ended) return;
    if (ended_by_ == EndedBy::kNobody) {
      told_ = std::move(told);
      return;
    }
  }
  told();
}

std::string ExchangeState::keep_alive() const {
  const std::lock_guard lock(mutex_);
  return keep_alive_;
}

EndedBy ExchangeState::ended_by() const {
  const std::lock_guard lock(mutex_);
  return ended_by_;
}

void ExchangeState::Reply(Response response) {
  const std::lock_guard lock(mutex_);
  if (answered_) return;
  answered_ = true;
  output_.head = std::move(response);
  output_.ended = true;
  told_ = nullptr;
  if (wake_) wake_();
}

void ExchangeState::Begin(Response head, std::string keep_alive) {
  const std::lock_guard lock(mutex_);
  if (answered_) return;
  answered_ = true;
  output_.head = std::move(head);
  output_.streams = true;
  keep_alive_ = std::move(keep_alive);
  if (wake_) wake_();
}

bool ExchangeState::Write(std::string_view piece) {
  const std::lock_guard lock(mutex_);
  const bool read = wake_ && output_.streams && !output_.ended && ended_by_ == EndedBy::kNobody;
  if (!read || output_.pieces.size() + piece.size() > kMostWaiting) return false;
  output_.pieces += piece;
  wake_();
  return true;
}

void ExchangeState::End() {
  const std::lock_guard lock(mutex_);
  if (!answered_ || output_.ended) return;
  output_.ended = true;
  told_ = nullptr;
  if (wake_) wake_();
}

Exchange::~Exchange() {
  state_->End();
  state_->Reply(ErrorResponse(500, "internal", "the request was given up without an answer"));
}

}  // namespace coderank::http
