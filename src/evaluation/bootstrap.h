// Is the difference of two runs more than chance? A paired bootstrap over queries.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace coderank::evaluation {

struct BootstrapOptions {
  uint32_t resamples = 10'000;
  uint64_t seed = 1;
};

struct BootstrapResult {
  double difference = 0;  // mean over strata of the mean difference
  double low = 0;         // 95 % interval: the 2.5 % and 97.5 % quantiles of the resamples
  double high = 0;
  // Two-sided: how often a resampled difference, shifted to mean 0, is at least as far from 0 as
  // the observed one, (count + 1) / (resamples + 1).
  double p = 1;
};

// `strata`: the per-query differences B - A of each repository. Queries are drawn with
// replacement within their repository, so a resample weighs repositories as the reported mean
// does. Same input, same output, on every platform.
BootstrapResult PairedBootstrap(std::span<const std::vector<double>> strata,
                                const BootstrapOptions& options = {});

}  // namespace coderank::evaluation
