// What the kernel tests share: reproducible data, every set this machine can run, and a comparison
// that prints the worst element.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kernels/kernel_set.h"

namespace coderank::kernels {

// Rounding unit of f32: half the distance from 1 to the next number.
inline constexpr double kUnit = 0x1p-24;

inline std::vector<const KernelSet*> AvailableSets() {
  std::vector<const KernelSet*> sets;
  for (const KernelSet* set : AllKernelSets()) {
    if (DetectCpuFeatures().Includes(set->required)) sets.push_back(set);
  }
  return sets;
}

inline std::string SetName(const ::testing::TestParamInfo<const KernelSet*>& info) {
  return info.param->name;
}

inline const KernelSet& Reference() { return *AllKernelSets().front(); }

// About normal (the sum of four uniforms), the same on every machine.
class RandomData {
 public:
  explicit RandomData(uint64_t seed) : state_(seed * 2 + 1) {}

  float Next() {
    double sum = 0;
    for (int i = 0; i < 4; ++i) sum += Uniform();
    return static_cast<float>((sum - 2) * std::sqrt(3.0));
  }
  std::vector<float> Vector(size_t n, float scale = 1) {
    std::vector<float> values(n);
    for (float& v : values) v = Next() * scale;
    return values;
  }

 private:
  double Uniform() {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<double>(state_ >> 11) * 0x1p-53;
  }
  uint64_t state_;
};

// |found - expected| <= tolerance[i] for every i; names the element that is worst in units of its
// tolerance.
inline ::testing::AssertionResult AllWithin(std::span<const float> found,
                                            std::span<const float> expected,
                                            std::span<const double> tolerance) {
  size_t worst = 0;
  double worst_ratio = -1;
  for (size_t i = 0; i < found.size(); ++i) {
    const double error = std::fabs(static_cast<double>(found[i]) - expected[i]);
    const double ratio = error == 0 ? 0 : error / tolerance[i];
    if (!(ratio <= worst_ratio)) {  // NaN counts as worst
      worst = i;
      worst_ratio = ratio;
      if (std::isnan(ratio)) break;
    }
  }
  if (worst_ratio <= 1) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure()
         << "element " << worst << " of " << found.size() << ": found " << found[worst]
         << ", expected " << expected[worst] << " +- " << tolerance[worst];
}

}  // namespace coderank::kernels
