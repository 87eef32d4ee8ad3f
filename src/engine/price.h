// What a service's tokens cost.
#pragma once

#include <string>

namespace coderank {

// ", about $1.25", ", less than $0.01"; "" where the price is not known.
std::string PriceOf(double tokens, double usd_per_million_tokens);

}  // namespace coderank
