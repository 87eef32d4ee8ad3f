// A/B of the int8 product and of attention: our kernels of every instruction set, and oneDNN where
// it is installed.
//
//   int8/<set>/M/N/K    one thread, with scales and offsets applied, as a linear layer needs it
//   int8/onednn/M/N/K   one thread, the bare u8 x s8 -> s32 product, weights packed beforehand
//   where
//                       the library does that; it need not be exact (without VNNI it saturates)
//
//   attention/<set>/T   one thread, one head of 64 and T tokens, in the precision of the set
//
// The shapes are CodeRankEmbed's linear layers at 16, 128 and 1024 tokens. The counter `ops` is the
// rate, two operations a multiplication.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <memory>
#include <vector>

#include "base/strings.h"
#include "int8_product.h"
#ifdef CODERANK_BENCH_ONEDNN
#include <dnnl.hpp>
#endif

namespace coderank::bench {
namespace {

void CountOperations(benchmark::State& state) {
  const double work = 2.0 * static_cast<double>(state.range(0)) *
                      static_cast<double>(state.range(1)) * static_cast<double>(state.range(2));
  state.counters["ops"] = benchmark::Counter(work * static_cast<double>(state.iterations()),
                                             benchmark::Counter::kIsRate);
}

void BenchOurs(benchmark::State& state, const kernels::KernelSet& set) {
  Int8Product product(static_cast<size_t>(state.range(0)), static_cast<size_t>(state.range(1)),
                      static_cast<size_t>(state.range(2)), set.int8_levels);
  for ([[maybe_unused]] auto _ : state) {
    product.Run(set);
    benchmark::ClobberMemory();
  }
  CountOperations(state);
}

// Scores of deviation 1, as a head of a trained model has them: any values take the same time.
void BenchAttention(benchmark::State& state, const kernels::KernelSet& set) {
  constexpr size_t kHeadSize = 64;
  constexpr size_t kStride = 3 * 768;
  const auto tokens = static_cast<size_t>(state.range(0));
  std::vector<float> qkv(tokens * kStride);
  for (size_t i = 0; i < qkv.size(); ++i) {
    qkv[i] = static_cast<float>(i * 7919 % 1000) / 289 - 1.73F;  // uniform, deviation 1
  }
  std::vector<float> context(tokens * kHeadSize);
  const size_t bytes = set.attention_bytes(tokens, kHeadSize);
  std::vector<std::byte> memory(bytes + 64);
  void* aligned = memory.data();
  size_t space = memory.size();
  std::align(64, bytes, aligned, space);
  const kernels::AttentionHead head{.queries = qkv.data(),
                                    .keys = qkv.data() + kHeadSize,
                                    .values = qkv.data() + 2 * kHeadSize,
                                    .context = context.data(),
                                    .tokens = tokens,
                                    .head_size = kHeadSize,
                                    .stride = kStride,
                                    .context_stride = kHeadSize};
  for ([[maybe_unused]] auto _ : state) {
    set.attend(head, aligned);
    benchmark::ClobberMemory();
  }
  const double work = 4.0 * static_cast<double>(tokens * tokens * kHeadSize);
  state.counters["ops"] = benchmark::Counter(work * static_cast<double>(state.iterations()),
                                             benchmark::Counter::kIsRate);
}

#ifdef CODERANK_BENCH_ONEDNN
using Tag = dnnl::memory::format_tag;
using Type = dnnl::memory::data_type;

void BenchOneDnn(benchmark::State& state) {
  const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  dnnl::stream stream(engine);
  const auto describe = [&](size_t rows, size_t columns, Type type, Tag tag) {
    return dnnl::memory::desc({state.range(rows), state.range(columns)}, type, tag);
  };
  const dnnl::matmul::primitive_desc description(
      dnnl::matmul::desc(describe(0, 2, Type::u8, Tag::ab), describe(2, 1, Type::s8, Tag::any),
                         describe(0, 1, Type::s32, Tag::ab)),
      engine);
  // Any bytes do: a new memory's are zeros or whatever was there, and the time is the same.
  dnnl::memory a(description.src_desc(), engine);
  dnnl::memory b(description.weights_desc(), engine);
  dnnl::memory c(description.dst_desc(), engine);
  dnnl::matmul matmul(description);
  for ([[maybe_unused]] auto _ : state) {
    matmul.execute(stream, {{DNNL_ARG_SRC, a}, {DNNL_ARG_WEIGHTS, b}, {DNNL_ARG_DST, c}});
    stream.wait();
  }
  CountOperations(state);
}
#endif

void WithShapes(benchmark::internal::Benchmark* bench) {
  for (const int64_t rows : {16, 128, 1024}) {
    bench->Args({rows, 2304, 768})->Args({rows, 768, 768});
    bench->Args({rows, 6144, 768})->Args({rows, 768, 3072});
  }
}

}  // namespace
}  // namespace coderank::bench

int main(int argc, char** argv) {
  using coderank::kernels::KernelSet;
  benchmark::Initialize(&argc, argv);
  for (const KernelSet* set : coderank::kernels::AllKernelSets()) {
    if (!coderank::kernels::DetectCpuFeatures().Includes(set->required)) continue;
    coderank::bench::WithShapes(benchmark::RegisterBenchmark(
        coderank::StrCat("int8/", set->name).c_str(),
        [set](benchmark::State& state) { coderank::bench::BenchOurs(state, *set); }));
    auto* attention = benchmark::RegisterBenchmark(
        coderank::StrCat("attention/", set->name).c_str(),
        [set](benchmark::State& state) { coderank::bench::BenchAttention(state, *set); });
    attention->Arg(16)->Arg(128)->Arg(512)->Arg(2048);
  }
#ifdef CODERANK_BENCH_ONEDNN
  coderank::bench::WithShapes(
      benchmark::RegisterBenchmark("int8/onednn", coderank::bench::BenchOneDnn));
#endif
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
