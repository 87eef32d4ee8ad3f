#include "rerank/rate_meter.h"

namespace coderank {
namespace {

// The share of the newest measurement. What was measured before fades: the first one reads weights
// that are not in memory yet, and a machine can become busy.
constexpr double kNewest = 0.5;

}  // namespace

void RateMeter::Add(size_t tokens, double seconds) {
  if (tokens == 0) return;
  const double measured = seconds / static_cast<double>(tokens);
  const std::lock_guard lock(mutex_);
  const double before = seconds_per_token_ > 0 ? seconds_per_token_ : measured;
  seconds_per_token_ = kNewest * measured + (1 - kNewest) * before;
}

double RateMeter::tokens_per_second() const {
  const std::lock_guard lock(mutex_);
  return seconds_per_token_ > 0 ? 1 / seconds_per_token_ : 0;
}

}  // namespace coderank
