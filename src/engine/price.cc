#include "engine/price.h"

#include <array>
#include <cmath>
#include <cstdio>

#include "base/strings.h"

namespace coderank {

std::string PriceOf(double tokens, double usd_per_million_tokens) {
  constexpr double kMillion = 1e6;
  constexpr double kCent = 0.01;
  if (usd_per_million_tokens <= 0) return {};
  const double dollars = tokens / kMillion * usd_per_million_tokens;
  if (dollars < kCent) return ", less than $0.01";
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), ", about $%.2f", dollars);
  return text.data();
}

std::string TimeOf(double seconds) {
  if (seconds < 90) return StrCat(std::llround(seconds), " s");
  if (seconds < 90 * 60) return StrCat(std::llround(seconds / 60), " min");
  return StrCat(std::llround(seconds / 360) / 10, ".", std::llround(seconds / 360) % 10, " h");
}

}  // namespace coderank
