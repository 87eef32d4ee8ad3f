#include "remote/rate_limit.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

#include "base/strings.h"

namespace coderank::remote {
namespace {

using std::chrono::milliseconds;

// A service that asks for more is waited for this long, and then asked: it can still refuse.
constexpr double kLongestReset = 120;  // seconds

struct Unit {
  std::string_view name;
  double seconds;
};
constexpr std::array<Unit, 5> kUnits = {
    {{"d", 86'400}, {"h", 3'600}, {"m", 60}, {"s", 1}, {"ms", 0.001}}};

std::optional<uint64_t> ParseCount(std::string_view text) {
  uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return count;
}

}  // namespace

std::optional<milliseconds> ParseResetTime(std::string_view text) {
  double seconds = 0;
  size_t next_unit = 0;  // of kUnits: they fall
  if (text.empty()) return std::nullopt;
  for (bool first = true; !text.empty(); first = false) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || !std::isfinite(number) || number < 0) return std::nullopt;
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    if (text.empty() && first) return milliseconds(std::llround(1000 * std::min(number, 1e9)));
    const size_t length = std::min(text.find_first_of("0123456789."), text.size());
    const std::string_view name = text.substr(0, length);
    while (next_unit < kUnits.size() && kUnits[next_unit].name != name) ++next_unit;
    if (next_unit == kUnits.size()) return std::nullopt;
    seconds += number * kUnits[next_unit++].seconds;
    text.remove_prefix(length);
  }
  return milliseconds(std::llround(1000 * std::min(seconds, 1e9)));
}

void RateLimit::Read(const RateLimitHeaders& headers, std::string_view unit, Clock::time_point now,
                     Allowance& allowance) {
  const auto remaining = headers.find(StrCat("remaining-", unit));
  const auto reset = headers.find(StrCat("reset-", unit));
  if (remaining == headers.end() || reset == headers.end()) return;
  const auto left = ParseCount(remaining->second);
  const auto wait = ParseResetTime(reset->second);
  if (!left || !wait) return;
  // Requests under way are not counted in it: a service that was guessed wrong refuses one, and is
  // asked again.
  allowance.left = *left;
  allowance.reset = now + std::min(*wait, milliseconds(std::llround(1000 * kLongestReset)));
}

void RateLimit::Note(const RateLimitHeaders& headers, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  Read(headers, "requests", now, requests_);
  Read(headers, "tokens", now, tokens_);
}

// When there is enough for it; without knowledge at once.
RateLimit::Clock::time_point RateLimit::Take(Allowance& allowance, uint64_t amount,
                                             Clock::time_point now) {
  if (!allowance.left) return now;
  if (now >= allowance.reset) {
    allowance.left.reset();
    return now;
  }
  if (*allowance.left >= amount) {
    *allowance.left -= amount;
    return now;
  }
  return allowance.reset;
}

milliseconds RateLimit::Reserve(uint64_t tokens, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const auto when = std::max(Take(requests_, 1, now), Take(tokens_, tokens, now));
  return std::chrono::ceil<milliseconds>(when - now);
}

}  // namespace coderank::remote
