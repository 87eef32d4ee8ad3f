#include "model/pooling.h"

#include <algorithm>
#include <cmath>

namespace coderank {

void Pool(const kernels::KernelSet& kernels, Pooling pooling, const float* states, size_t tokens,
          std::span<float> vector) {
  const size_t first = pooling == Pooling::kLast ? tokens - 1 : 0;
  std::copy_n(states + first * vector.size(), vector.size(), vector.begin());
  if (pooling != Pooling::kMean) return;
  for (size_t i = 1; i < tokens; ++i) {
    kernels.add(states + i * vector.size(), vector.size(), vector.data());
  }
  const float count = static_cast<float>(tokens);
  for (float& v : vector) v /= count;
}

void NormalizeL2(std::span<float> vector) {
  double squares = 0;
  for (const float v : vector) squares += static_cast<double>(v) * v;
  const double length = std::max(std::sqrt(squares), 1e-12);
  for (float& v : vector) v = static_cast<float>(v / length);
}

}  // namespace coderank
