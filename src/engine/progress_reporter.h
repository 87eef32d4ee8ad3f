// Passes progress on a few times a second, whatever the pace of the work.
#pragma once

#include <chrono>

#include "coderank/indexing.h"

namespace coderank {

// Not thread-safe.
class ProgressReporter {
 public:
  explicit ProgressReporter(const ProgressSink& sink) : sink_(sink) {}

  IndexProgress& state() { return state_; }

  void StartPhase(IndexProgress::Phase phase) {
    state_.phase = phase;
    start_ = Clock::now();
    Report(/*force=*/true);
  }

  void Report(bool force = false) {
    constexpr auto kInterval = std::chrono::milliseconds(100);
    if (!sink_) return;
    const auto now = Clock::now();
    if (!force && now - last_ < kInterval) return;
    last_ = now;
    state_.seconds = std::chrono::duration<double>(now - start_).count();
    sink_(state_);
  }

 private:
  using Clock = std::chrono::steady_clock;

  const ProgressSink& sink_;
  IndexProgress state_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_;
};

}  // namespace coderank
