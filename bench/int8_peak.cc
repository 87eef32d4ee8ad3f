// Peak rates of the CPU's int8 dot products: loops of them on registers, without loads.
//
// Each function runs `loops` rounds of kAccumulators independent chains, enough to hide the
// latency of the instructions. They are compiled for their instruction set by attribute and called
// only where the CPU has it.
#include <immintrin.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "kernels/cpu_features.h"
#include "machine_rates.h"

namespace coderank::bench {
namespace {

constexpr int kAccumulators = 12;  // of the 16 registers of AVX2: two more hold the operands

// Keeps the compiler from folding a loop: it must take the register for changed. A macro, since an
// inline function would need the caller's instruction set.
#define CODERANK_TOUCH(value) asm volatile("" : "+x"(value))

// 8-bit times 7-bit as in every exact kernel without VNNI: the pairs' sums fill int16.
__attribute__((target("avx2"))) double Avx2(size_t loops) {
  __m256i a = _mm256_set1_epi8(3);
  const __m256i b = _mm256_set1_epi8(5);
  const __m256i ones = _mm256_set1_epi16(1);
  __m256i sums[kAccumulators] = {};
  for (size_t loop = 0; loop < loops; ++loop) {
    for (auto& sum : sums) {
      CODERANK_TOUCH(a);
      sum = _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(a, b), ones));
    }
  }
  for (auto& sum : sums) CODERANK_TOUCH(sum);
  return 2.0 * 32 * kAccumulators;
}

// 7-bit times 7-bit: two products' int16 sums are added before they are widened.
__attribute__((target("avx2"))) double Avx2SevenBit(size_t loops) {
  __m256i a = _mm256_set1_epi8(3);
  const __m256i b = _mm256_set1_epi8(5);
  const __m256i ones = _mm256_set1_epi16(1);
  __m256i sums[kAccumulators] = {};
  for (size_t loop = 0; loop < loops; ++loop) {
    for (auto& sum : sums) {
      CODERANK_TOUCH(a);
      const __m256i first = _mm256_maddubs_epi16(a, b);
      CODERANK_TOUCH(a);
      const __m256i both = _mm256_add_epi16(first, _mm256_maddubs_epi16(a, b));
      sum = _mm256_add_epi32(sum, _mm256_madd_epi16(both, ones));
    }
  }
  for (auto& sum : sums) CODERANK_TOUCH(sum);
  return 2.0 * 64 * kAccumulators;
}

__attribute__((target("avx2,avxvnni"))) double AvxVnni(size_t loops) {
  __m256i a = _mm256_set1_epi8(3);
  const __m256i b = _mm256_set1_epi8(5);
  __m256i sums[kAccumulators] = {};
  for (size_t loop = 0; loop < loops; ++loop) {
    for (auto& sum : sums) {
      CODERANK_TOUCH(a);
      sum = _mm256_dpbusd_avx_epi32(sum, a, b);
    }
  }
  for (auto& sum : sums) CODERANK_TOUCH(sum);
  return 2.0 * 32 * kAccumulators;
}

__attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni"))) double Avx512Vnni(size_t loops) {
  __m512i a = _mm512_set1_epi8(3);
  const __m512i b = _mm512_set1_epi8(5);
  __m512i sums[kAccumulators] = {};
  for (size_t loop = 0; loop < loops; ++loop) {
    for (auto& sum : sums) {
      CODERANK_TOUCH(a);
      sum = _mm512_dpbusd_epi32(sum, a, b);
    }
  }
  for (auto& sum : sums) CODERANK_TOUCH(sum);
  return 2.0 * 64 * kAccumulators;
}

struct Loop {
  const char* name;
  bool available;
  double (*run)(size_t loops);  // gives the operations of one round
};

// The best of many short runs on `threads` threads at once, each measured alone and added up.
double Peak(const Loop& loop, size_t threads) {
  constexpr size_t kRounds = 200'000;
  constexpr int kRuns = 60;
  std::vector<double> best(threads);
  const auto measure = [&](size_t thread) {
    for (int run = 0; run < kRuns; ++run) {
      const auto start = std::chrono::steady_clock::now();
      const double operations = loop.run(kRounds) * static_cast<double>(kRounds);
      const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
      best[thread] = std::max(best[thread], operations / taken.count());
    }
  };
  std::vector<std::thread> others;
  for (size_t t = 1; t < threads; ++t) others.emplace_back(measure, t);
  measure(0);
  for (std::thread& other : others) other.join();
  double sum = 0;
  for (const double rate : best) sum += rate;
  return sum;
}

}  // namespace

std::vector<Rate> Int8Peaks(size_t threads) {
  const kernels::CpuFeatures cpu = kernels::DetectCpuFeatures();
  const Loop loops[] = {
      {"int8/avx2", cpu.avx2, Avx2},
      {"int8/avx2-7bit", cpu.avx2, Avx2SevenBit},
      {"int8/avxvnni", cpu.avxvnni, AvxVnni},
      {"int8/avx512vnni", cpu.avx512vnni, Avx512Vnni},
  };
  std::vector<Rate> rates;
  for (const Loop& loop : loops) {
    if (loop.available) rates.push_back({loop.name, Peak(loop, threads)});
  }
  return rates;
}

}  // namespace coderank::bench
