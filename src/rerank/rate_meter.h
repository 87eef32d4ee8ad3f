// RateMeter: how many tokens a second a model has taken in this process, on this machine, of late.
#pragma once

#include <cstddef>
#include <mutex>

namespace coderank {

// Thread-safe.
class RateMeter {
 public:
  void Add(size_t tokens, double seconds);
  // 0 when nothing has been measured.
  double tokens_per_second() const;

 private:
  mutable std::mutex mutex_;
  double seconds_per_token_ = 0;  // guarded by mutex_
};

}  // namespace coderank
