// Peak f32 products, memory bandwidth and cache size; int8_peak.cc has the int8 peaks.
#include "machine_rates.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <functional>
#include <thread>

#include "base/elapsed.h"
#include "base/strings.h"
#include "int8_product.h"
#include "kernels/kernel_set.h"

namespace coderank::bench {
namespace {

using kernels::KernelSet;
using Clock = std::chrono::steady_clock;

// The sum over `threads` threads at once of what `best_rate` gives on each.
double OnThreads(size_t threads, const std::function<double(size_t)>& best_rate) {
  std::vector<double> rates(threads);
  std::vector<std::thread> others;
  for (size_t t = 1; t < threads; ++t) {
    others.emplace_back([&, t] { rates[t] = best_rate(t); });
  }
  rates[0] = best_rate(0);
  for (std::thread& other : others) other.join();
  double sum = 0;
  for (const double rate : rates) sum += rate;
  return sum;
}

// A product whose operands stay in the first level: 12 x 32 x 128 is 25 kB. An estimate from
// below, since loads and the loop are in it.
double F32GemmPeak(const KernelSet& set) {
  constexpr size_t kM = 12;
  constexpr size_t kN = 32;
  constexpr size_t kK = 128;
  constexpr int kCalls = 200;
  const std::vector<float> a(kM * kK, 0.5F);
  const std::vector<float> packed(set.PackedSize(kN, kK), 0.25F);
  const std::vector<float> bias(kN);
  std::vector<float> c(kM * kN);
  double best = 0;
  for (int run = 0; run < 200; ++run) {
    const auto start = Clock::now();
    for (int call = 0; call < kCalls; ++call) {
      set.gemm(a.data(), kK, packed.data(), bias.data(), c.data(), kN, kM, kN, kK);
    }
    best = std::max(best, 2.0 * kM * kN * kK * kCalls / SecondsSince(start));
  }
  return best;
}

double Int8GemmRate(const KernelSet& set) {
  Int8Product product(1024, 768, 768, set.int8_levels);
  double best = 0;
  for (int run = 0; run < 30; ++run) {
    const auto start = Clock::now();
    product.Run(set);
    best = std::max(best, product.operations() / SecondsSince(start));
  }
  return best;
}

// All but the scalar one that this CPU can run.
std::vector<const KernelSet*> FastSets() {
  std::vector<const KernelSet*> sets;
  for (const KernelSet* set : kernels::AllKernelSets().subspan(1)) {
    if (kernels::DetectCpuFeatures().Includes(set->required)) sets.push_back(set);
  }
  return sets;
}

// Independent sums, so that loads and not additions set the pace.
uint64_t Sum(const uint64_t* data, size_t count) {
  constexpr size_t kLanes = 16;
  uint64_t sums[kLanes] = {};
  for (size_t i = 0; i + kLanes <= count; i += kLanes) {
    for (size_t lane = 0; lane < kLanes; ++lane) sums[lane] += data[i + lane];
  }
  uint64_t sum = 0;
  for (const uint64_t part : sums) sum += part;
  return sum;
}

}  // namespace

std::vector<Rate> F32GemmPeaks(size_t threads) {
  std::vector<Rate> rates;
  for (const KernelSet* set : FastSets()) {
    rates.push_back({StrCat("f32/", set->name),
                     OnThreads(threads, [set](size_t) { return F32GemmPeak(*set); })});
  }
  return rates;
}

std::vector<Rate> Int8GemmRates(size_t threads) {
  std::vector<Rate> rates;
  for (const KernelSet* set : FastSets()) {
    rates.push_back({StrCat("int8-gemm/", set->name),
                     OnThreads(threads, [set](size_t) { return Int8GemmRate(*set); })});
  }
  return rates;
}

Rate ReadRate(size_t threads, size_t cache_bytes) {
  const size_t count = 8 * cache_bytes / sizeof(uint64_t);
  const std::vector<uint64_t> data(count, 1);
  const size_t share = count / threads;
  const double rate = OnThreads(threads, [&](size_t thread) {
    double best = 0;
    for (int run = 0; run < 8; ++run) {
      const auto start = Clock::now();
      const volatile uint64_t sum = Sum(data.data() + thread * share, share);
      static_cast<void>(sum);
      best = std::max(best, static_cast<double>(share * sizeof(uint64_t)) / SecondsSince(start));
    }
    return best;
  });
  return {"read", rate};
}

size_t LastLevelCacheBytes() {
  // Not sysconf(), which on AMD counts the caches of every core of the package.
  size_t kilobytes = 0;
  std::ifstream("/sys/devices/system/cpu/cpu0/cache/index3/size") >> kilobytes;
  return (kilobytes > 0 ? kilobytes : size_t{32} << 10U) << 10U;
}

void CacheEvictor::Evict() {
  for (size_t& word : buffer_) ++word;
}

}  // namespace coderank::bench
