// The signs of a vector's coordinates, about the mean of the vectors it is compared with.
#pragma once

#include <cstdint>
#include <span>

namespace coderank {

// words[ceil(n / 64)]: bit i % 64 of word i / 64 is 1 where row[i] > mean[i].
//
// About the mean, because the vectors of a text model share a direction: the coordinates in which
// they all agree in sign say nothing.
void SignsOf(std::span<const float> row, std::span<const float> mean, std::span<uint64_t> words);

}  // namespace coderank
