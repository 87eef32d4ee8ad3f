// Causal attention over a cache against the formula in double precision.
#include "nn/causal_attention.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "kernels/kernel_test_util.h"
#include "nn/rms_norm.h"

namespace coderank::nn {
namespace {

using kernels::KernelSet;
using kernels::RandomData;

class CausalAttentionTest : public ::testing::TestWithParam<const KernelSet*> {};
INSTANTIATE_TEST_SUITE_P(Sets, CausalAttentionTest, ::testing::ValuesIn(kernels::AvailableSets()),
                         kernels::SetName);

struct Shape {
  size_t heads, kv_heads, head_size, tokens;
  size_t stride() const { return (heads + 2 * kv_heads) * head_size; }
};

// Rows of [heads, q | kv_heads, k | kv_heads, v] of one layer, through a cache in chunks.
std::vector<float> Attend(const KernelSet& kernels, ThreadPool* pool, const Shape& s,
                          const std::vector<float>& qkv, size_t chunk) {
  constexpr size_t kLayer = 1;
  KvCache cache(kernels,
                {.layers = 2, .heads = s.kv_heads, .head_size = s.head_size, .capacity = s.tokens});
  std::vector<CausalScratch> scratch;
  std::vector<float> context(s.tokens * s.heads * s.head_size);
  for (size_t first = 0; first < s.tokens; first += chunk) {
    const size_t rows = std::min(chunk, s.tokens - first);
    const float* queries = qkv.data() + first * s.stride();
    const float* keys = queries + s.heads * s.head_size;
    cache.Write(kLayer, keys, keys + s.kv_heads * s.head_size, s.stride(), rows);
    CausalAttention(kernels, pool, cache, kLayer,
                    {.queries = queries, .stride = s.stride(), .rows = rows, .heads = s.heads},
                    scratch, context.data() + first * s.heads * s.head_size);
    cache.Advance(rows);
  }
  return context;
}

std::vector<float> Expected(const Shape& s, const std::vector<float>& qkv) {
  std::vector<float> context;
  const auto at = [&](size_t token, size_t head, size_t i) -> double {
    return qkv[token * s.stride() + head * s.head_size + i];
  };
  for (size_t token = 0; token < s.tokens; ++token) {
    for (size_t head = 0; head < s.heads; ++head) {
      const size_t key_head = s.heads + head / (s.heads / s.kv_heads);
      const size_t value_head = key_head + s.kv_heads;
      std::vector<double> weights;
      double sum = 0;
      for (size_t other = 0; other <= token; ++other) {
        double score = 0;
        for (size_t i = 0; i < s.head_size; ++i)
          score += at(token, head, i) * at(other, key_head, i);
        weights.push_back(std::exp(score / std::sqrt(static_cast<double>(s.head_size))));
        sum += weights.back();
      }
      for (size_t i = 0; i < s.head_size; ++i) {
        double value = 0;
        for (size_t other = 0; other <= token; ++other) {
          value += weights[other] / sum * at(other, value_head, i);
        }
        context.push_back(static_cast<float>(value));
      }
    }
  }
  return context;
}

// One, several and all heads to a head of keys; sizes that are no multiple of a panel; more
// queries than meet the keys at once.
constexpr Shape kShapes[] = {
    {1, 1, 16, 5}, {4, 4, 8, 33}, {7, 1, 64, 40}, {6, 2, 20, 130}, {14, 2, 64, 70}};

TEST_P(CausalAttentionTest, IsTheFormulaHoweverTheTextIsCut) {
  ThreadPool pool(3);
  for (const Shape& s : kShapes) {
    const std::vector<float> qkv = RandomData(s.tokens).Vector(s.tokens * s.stride());
    const std::vector<float> whole = Attend(*GetParam(), nullptr, s, qkv, s.tokens);
    // Scores of about 1 are sums of head_size products; a context is a mean of values of about 1.
    const std::vector<double> tolerance(whole.size(),
                                        40 * static_cast<double>(s.head_size) * kernels::kUnit);
    EXPECT_TRUE(kernels::AllWithin(whole, Expected(s, qkv), tolerance)) << s.tokens << " tokens";
    for (const size_t chunk : {size_t{1}, size_t{3}, size_t{32}, s.tokens}) {
      EXPECT_EQ(Attend(*GetParam(), &pool, s, qkv, chunk), whole)
          << s.tokens << " tokens in chunks of " << chunk;
    }
  }
}

TEST_P(CausalAttentionTest, ARewoundCacheForgets) {
  const Shape s{2, 1, 16, 10};
  const std::vector<float> first = RandomData(1).Vector(s.tokens * s.stride());
  const std::vector<float> second = RandomData(2).Vector(s.tokens * s.stride());
  KvCache cache(*GetParam(), {.layers = 1, .heads = 1, .head_size = 16, .capacity = s.tokens});
  std::vector<CausalScratch> scratch;
  std::vector<float> context(s.tokens * s.heads * s.head_size);
  const auto run = [&](const std::vector<float>& qkv) {
    cache.Write(0, qkv.data() + 32, qkv.data() + 48, s.stride(), s.tokens);
    CausalAttention(*GetParam(), nullptr, cache, 0,
                    {.queries = qkv.data(), .stride = s.stride(), .rows = s.tokens, .heads = 2},
                    scratch, context.data());
    cache.Advance(s.tokens);
    return context;
  };
  run(first);
  cache.Rewind(0);
  EXPECT_EQ(run(second), Attend(*GetParam(), nullptr, s, second, s.tokens));
}

TEST_P(CausalAttentionTest, RmsNormIsTheFormula) {
  for (const size_t n : {1U, 7U, 16U, 64U, 100U}) {
    const std::vector<float> gamma = RandomData(n).Vector(n);
    const std::vector<float> x = RandomData(n + 1).Vector(3 * n);
    std::vector<float> expected(x.size());
    std::vector<double> tolerance(x.size());
    for (size_t at = 0; at < x.size(); at += n) {
      double squares = 0;
      for (size_t k = 0; k < n; ++k) squares += std::pow(x[at + k], 2);
      const double root = std::sqrt(squares / static_cast<double>(n) + 1e-5);
      for (size_t k = 0; k < n; ++k) {
        const double value = x[at + k] / root * gamma[k];
        expected[at + k] = static_cast<float>(value);
        tolerance[at + k] = (static_cast<double>(n) + 4) * kernels::kUnit * std::fabs(value);
      }
    }
    std::vector<float> found(x.size());
    RmsNorm(*GetParam(), gamma, 1e-5F).Forward(nullptr, x.data(), 3, found.data());
    EXPECT_TRUE(kernels::AllWithin(found, expected, tolerance)) << n;
  }
}

}  // namespace
}  // namespace coderank::nn
