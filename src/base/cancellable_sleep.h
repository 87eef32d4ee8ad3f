// Waiting that somebody can end.
#pragma once

#include <algorithm>
#include <chrono>
#include <thread>

#include "coderank/cancellation.h"

namespace coderank {

// False when cancelled meanwhile, which is noticed within a twentieth of a second.
inline bool SleepUnlessCancelled(std::chrono::milliseconds duration,
                                 const CancellationToken* cancel) {
  constexpr std::chrono::milliseconds kSlice{50};
  while (duration > std::chrono::milliseconds(0)) {
    if (IsCancelled(cancel)) return false;
    std::this_thread::sleep_for(std::min(kSlice, duration));
    duration -= kSlice;
  }
  return !IsCancelled(cancel);
}

}  // namespace coderank
