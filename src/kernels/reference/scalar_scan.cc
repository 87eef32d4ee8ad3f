// The scans of the set `scalar`: what they mean, in the shortest code. All is exact, so every set
// must give the same numbers.
#include <bit>
#include <cstddef>
#include <cstdint>

#include "kernels/scan.h"

namespace coderank::kernels::scalar {

#include "kernels/scan_functions.inc"

void DotInt8Rows(const int8_t* query, const int8_t* rows, size_t row_count, size_t depth,
                 int32_t* dots) {
  for (size_t row = 0; row < row_count; ++row) {
    int32_t sum = 0;
    for (size_t k = 0; k < depth; ++k) sum += query[k] * rows[row * depth + k];
    dots[row] = sum;
  }
}

void HammingRows(const uint64_t* query, const uint64_t* groups, size_t group_count, size_t words,
                 uint32_t* distances) {
  for (size_t row = 0; row < group_count * kSignGroup; ++row) {
    const uint64_t* first = groups + row / kSignGroup * words * kSignGroup + row % kSignGroup;
    uint32_t distance = 0;
    for (size_t word = 0; word < words; ++word) {
      distance += static_cast<uint32_t>(std::popcount(query[word] ^ first[word * kSignGroup]));
    }
    distances[row] = distance;
  }
}

}  // namespace coderank::kernels::scalar
