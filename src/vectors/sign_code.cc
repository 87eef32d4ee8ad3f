#include "vectors/sign_code.h"

#include <algorithm>

#include "kernels/scan.h"

namespace coderank {

void SignsOf(std::span<const float> row, std::span<const float> mean, std::span<uint64_t> words) {
  std::fill(words.begin(), words.end(), 0);
  for (size_t i = 0; i < row.size(); ++i) {
    const uint64_t bit = row[i] > mean[i] ? 1 : 0;
    words[i / kernels::kSignWordBits] |= bit << i % kernels::kSignWordBits;
  }
}

}  // namespace coderank
