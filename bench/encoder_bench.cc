// Speed of the f32 encoder, from the kernel to the model.
//
//   gemm/<set>/M/N/K     one thread, packed weights; the counter `flops` is the rate, and
//                        `of_peak` its share of the rate that this machine's multiply-adds reach
//                        on registers alone (measured at start with the same kernel's widest tile
//                        kept in the first cache level)
//   minilm/<set>/sequences/tokens/threads
//                        all-MiniLM-L6-v2, `tokens` the rate; needs CODERANK_TEST_MODEL_DIR
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/strings.h"
#include "kernels/kernel_set.h"
#include "model/load_encoder.h"
#include "model/sentence_encoder.h"

namespace coderank {
namespace {

using benchmark::Counter;
using kernels::KernelSet;

std::vector<const KernelSet*> AvailableSets() {
  std::vector<const KernelSet*> sets;
  for (const KernelSet* set : kernels::AllKernelSets()) {
    if (kernels::DetectCpuFeatures().Includes(set->required)) sets.push_back(set);
  }
  return sets;
}

double Flops(size_t m, size_t n, size_t k) {
  return 2.0 * static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
}

struct Product {
  Product(const KernelSet& set, size_t m, size_t n, size_t k)
      : a(m * k, 0.5F), packed(set.PackedSize(n, k), 0.25F), bias(n), c(m * n) {}
  std::vector<float> a, packed, bias, c;
};

// The best of many short runs on a product whose operands stay in the first level (12 x 32 x 128:
// 25 kB). An estimate from below: loads and the loop are in it.
double PeakFlops(const KernelSet& set) {
  constexpr size_t kM = 12;
  constexpr size_t kN = 32;
  constexpr size_t kK = 128;
  constexpr int kCalls = 200;
  Product p(set, kM, kN, kK);
  double best = 0;
  for (int run = 0; run < 200; ++run) {
    const auto start = std::chrono::steady_clock::now();
    for (int call = 0; call < kCalls; ++call) {
      set.gemm(p.a.data(), kK, p.packed.data(), p.bias.data(), p.c.data(), kN, kM, kN, kK);
    }
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    best = std::max(best, kCalls * Flops(kM, kN, kK) / taken.count());
  }
  return best;
}

void BenchGemm(benchmark::State& state, const KernelSet& set, double peak) {
  const auto m = static_cast<size_t>(state.range(0));
  const auto n = static_cast<size_t>(state.range(1));
  const auto k = static_cast<size_t>(state.range(2));
  Product p(set, m, n, k);
  for ([[maybe_unused]] auto _ : state) {
    set.gemm(p.a.data(), k, p.packed.data(), p.bias.data(), p.c.data(), n, m, n, k);
    benchmark::ClobberMemory();
  }
  const double work = Flops(m, n, k) * static_cast<double>(state.iterations());
  state.counters["flops"] = Counter(work, Counter::kIsRate);
  state.counters["of_peak"] = Counter(work / peak, Counter::kIsRate);
}

struct Model {
  std::unique_ptr<ThreadPool> pool;
  std::unique_ptr<SentenceEncoder> encoder;
};

Model LoadModel(const char* folder, const KernelSet& set, size_t threads) {
  Model model{std::make_unique<ThreadPool>(threads), nullptr};
  const auto record = DeriveModelRecord(folder, "all-MiniLM-L6-v2");
  if (!record) {
    std::fprintf(stderr, "%s\n", record.error().message().c_str());
    std::exit(2);
  }
  auto encoder = LoadSentenceEncoder(folder, *record, set, *model.pool);
  if (!encoder) {
    std::fprintf(stderr, "%s\n", encoder.error().message().c_str());
    std::exit(2);
  }
  model.encoder = *std::move(encoder);
  return model;
}

void BenchModel(benchmark::State& state, const SentenceEncoder& encoder) {
  const auto sequences = static_cast<size_t>(state.range(0));
  const auto tokens = static_cast<size_t>(state.range(1));
  std::vector<std::vector<int32_t>> ids(sequences);
  for (size_t s = 0; s < sequences; ++s) {
    for (size_t t = 0; t < tokens; ++t) {
      ids[s].push_back(static_cast<int32_t>(1000 + (s * 7919 + t * 104729) % 29000));
    }
  }
  const std::vector<std::span<const int32_t>> views(ids.begin(), ids.end());
  for ([[maybe_unused]] auto _ : state) {
    const auto vectors = encoder.Encode(views);
    if (!vectors) return state.SkipWithError(vectors.error().message().c_str());
  }
  state.counters["tokens"] =
      Counter(static_cast<double>(sequences * tokens) * static_cast<double>(state.iterations()),
              Counter::kIsRate);
}

void RegisterGemm(const KernelSet& set) {
  const double peak = PeakFlops(set);
  std::printf("%s: tile %s, peak estimate %.1f GFLOP/s a thread\n", set.name, set.gemm_tile,
              peak * 1e-9);
  auto* bench = benchmark::RegisterBenchmark(
      StrCat("gemm/", set.name).c_str(),
      [&set, peak](benchmark::State& state) { BenchGemm(state, set, peak); });
  bench->Args({16, 1152, 384})->Args({512, 1152, 384})->Args({512, 384, 384});
  bench->Args({512, 1536, 384})->Args({512, 384, 1536})->Args({256, 256, 32});
}

void RegisterModel(const char* folder, const KernelSet& set, std::vector<Model>& models) {
  for (const size_t threads : {size_t{1}, size_t{2}}) {
    models.push_back(LoadModel(folder, set, threads));
    const SentenceEncoder* encoder = models.back().encoder.get();
    auto* bench = benchmark::RegisterBenchmark(
        StrCat("minilm/", set.name, "/threads:", threads).c_str(),
        [encoder](benchmark::State& state) { BenchModel(state, *encoder); });
    bench->Args({1, 16})->Args({8, 128})->Args({1, 256})->UseRealTime();
    bench->Unit(benchmark::kMillisecond);
  }
}

}  // namespace
}  // namespace coderank

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  std::vector<coderank::Model> models;
  const char* folder = std::getenv("CODERANK_TEST_MODEL_DIR");
  if (folder == nullptr) std::printf("minilm/*: left out, CODERANK_TEST_MODEL_DIR is not set\n");
  for (const coderank::KernelSet* set : coderank::AvailableSets()) {
    coderank::RegisterGemm(*set);
    if (folder != nullptr && set != coderank::kernels::AllKernelSets().front()) {
      coderank::RegisterModel(folder, *set, models);
    }
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
