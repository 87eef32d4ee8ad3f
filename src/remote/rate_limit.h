// RateLimit: how long the next request to a service should wait, by what its answers said about
// what it will still take (X-RateLimit-*), so that it does not have to refuse.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>

#include "net/http_client.h"

namespace coderank::remote {

// "20", "0.5s", "12ms", "6m0s", "1h2m3s": seconds, or units in falling order. No value for anything
// else.
std::optional<std::chrono::milliseconds> ParseResetTime(std::string_view text);

// Thread-safe. All requests to a service with one key share one.
class RateLimit {
 public:
  using Clock = std::chrono::steady_clock;

  // What an answer said.
  void Note(const RateLimitHeaders& headers, Clock::time_point now);

  // The pause before a request of about so many tokens; and counts it as made.
  std::chrono::milliseconds Reserve(uint64_t tokens, Clock::time_point now);

 private:
  struct Allowance {
    std::optional<uint64_t> left;
    Clock::time_point reset;  // when it is whole again
  };
  static void Read(const RateLimitHeaders& headers, std::string_view unit, Clock::time_point now,
                   Allowance& allowance);
  static Clock::time_point Take(Allowance& allowance, uint64_t amount, Clock::time_point now);

  std::mutex mutex_;
  Allowance requests_;  // guarded by mutex_
  Allowance tokens_;    // guarded by mutex_
};

}  // namespace coderank::remote
