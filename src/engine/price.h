// What embedding costs, in words: a service's money, and time.
#pragma once

#include <string>

namespace coderank {

// ", about $1.25", ", less than $0.01"; "" where the price is not known.
std::string PriceOf(double tokens, double usd_per_million_tokens);

// "45 s", "12 min", "3.5 h".
std::string TimeOf(double seconds);

}  // namespace coderank
