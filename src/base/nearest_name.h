// What a mistyped name was meant to be.
#pragma once

#include <span>
#include <string_view>

namespace coderank {

// The candidate that takes the fewest insertions, removals, replacements and exchanges of
// neighbours, if they are few enough for a slip: one for every three characters of the longer
// name, but not more than three. Of several the first; empty: none is near.
std::string_view NearestName(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace coderank
