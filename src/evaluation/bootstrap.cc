#include "evaluation/bootstrap.h"

#include <cmath>

#include "evaluation/metrics.h"

namespace coderank::evaluation {
namespace {

// SplitMix64 (Steele, Lea and Flood 2014). The distributions of the standard library differ
// between implementations; figures must not.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  // 0 to below `bound`, which is far below 2^32: the bias of the remainder is below bound / 2^64.
  size_t Below(size_t bound) { return static_cast<size_t>(Next() % bound); }

 private:
  uint64_t Next() {
    state_ += 0x9E3779B97F4A7C15;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
  uint64_t state_;
};

// Mean over strata of the mean of as many values as the stratum has, each chosen by `choose`.
template <typename Choose>
double MeanOfStrata(std::span<const std::vector<double>> strata, Choose choose) {
  double sum = 0;
  size_t used = 0;
  for (const std::vector<double>& stratum : strata) {
    if (stratum.empty()) continue;
    double of_stratum = 0;
    for (size_t i = 0; i < stratum.size(); ++i) of_stratum += stratum[choose(i, stratum.size())];
    sum += of_stratum / static_cast<double>(stratum.size());
    ++used;
  }
  return used == 0 ? 0 : sum / static_cast<double>(used);
}

}  // namespace

BootstrapResult PairedBootstrap(std::span<const std::vector<double>> strata,
                                const BootstrapOptions& options) {
  BootstrapResult result;
  result.difference = MeanOfStrata(strata, [](size_t i, size_t) { return i; });
  Random random(options.seed);
  std::vector<double> means(options.resamples);
  for (double& mean : means) {
    mean = MeanOfStrata(strata, [&](size_t, size_t size) { return random.Below(size); });
  }
  // Sums of the same values in another order differ by rounding, which is no evidence.
  constexpr double kRounding = 1e-12;
  uint64_t as_far = 0;
  for (const double mean : means) {
    const double from_centre = std::abs(mean - result.difference);
    if (from_centre >= std::abs(result.difference) - kRounding) ++as_far;
  }
  result.p = static_cast<double>(as_far + 1) / (static_cast<double>(options.resamples) + 1);
  result.low = Percentile(means, 0.025);
  result.high = Percentile(std::move(means), 0.975);
  return result;
}

}  // namespace coderank::evaluation
