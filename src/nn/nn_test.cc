// The layers against direct formulas in f64, and with and without threads.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "kernels/kernel_test_util.h"
#include "nn/activation.h"
#include "nn/attention.h"
#include "nn/layer_norm.h"
#include "nn/linear.h"

namespace coderank::nn {
namespace {

using kernels::AvailableSets;
using kernels::KernelSet;
using kernels::RandomData;

class NnTest : public ::testing::TestWithParam<const KernelSet*> {};
INSTANTIATE_TEST_SUITE_P(Sets, NnTest, ::testing::ValuesIn(AvailableSets()), kernels::SetName);

TEST_P(NnTest, LinearIsTheFormula) {
  RandomData random(1);
  const size_t rows = 5;
  const size_t in = 19;
  const size_t out = 45;
  const auto weight = random.Vector(out * in);
  const auto bias = random.Vector(out);
  const auto x = random.Vector(rows * in);
  const Linear linear(*GetParam(), weight, bias, in, out);
  std::vector<float> y(rows * out);
  ProjectionScratch scratch;
  linear.Forward(nullptr, x.data(), rows, y.data(), scratch, GetParam()->relu);
  for (size_t r = 0; r < rows; ++r) {
    for (size_t o = 0; o < out; ++o) {
      double sum = bias[o];
      for (size_t i = 0; i < in; ++i) {
        sum += static_cast<double>(x[r * in + i]) * weight[o * in + i];
      }
      EXPECT_NEAR(y[r * out + o], std::max(0.0, sum), 1e-5);
    }
  }
}

// Large enough for ThreadsFor to use every thread.
TEST_P(NnTest, LinearGivesTheSameBitsOnAnyNumberOfThreads) {
  RandomData random(2);
  const size_t rows = 64;
  const size_t in = 200;
  const size_t out = 777;
  const auto weight = random.Vector(out * in);
  const auto x = random.Vector(rows * in);
  const Linear linear(*GetParam(), weight, {}, in, out);
  std::vector<float> serial(rows * out);
  std::vector<float> parallel(rows * out);
  ThreadPool pool(4);
  ProjectionScratch scratch;
  linear.Forward(nullptr, x.data(), rows, serial.data(), scratch, GetParam()->gelu);
  linear.Forward(&pool, x.data(), rows, parallel.data(), scratch, GetParam()->gelu);
  EXPECT_EQ(serial, parallel);
}

TEST_P(NnTest, LayerNormGivesTheSameBitsOnAnyNumberOfThreads) {
  RandomData random(3);
  const size_t rows = 3000;
  const size_t n = 96;
  const auto x = random.Vector(rows * n);
  const LayerNorm norm(*GetParam(), random.Vector(n), random.Vector(n), 1e-12F);
  std::vector<float> serial(rows * n);
  std::vector<float> parallel(rows * n);
  ThreadPool pool(4);
  norm.Forward(nullptr, x.data(), nullptr, rows, serial.data());
  norm.Forward(&pool, x.data(), nullptr, rows, parallel.data());
  EXPECT_EQ(serial, parallel);
}

// softmax(q k / sqrt(d)) v of one query, in f64.
std::vector<double> DirectAttention(const std::vector<float>& qkv, const AttentionShape& shape,
                                    size_t begin, size_t end, size_t query, size_t head) {
  const size_t hidden = shape.heads * shape.head_size;
  const auto at = [&](size_t token, size_t part, size_t i) {
    return static_cast<double>(
        qkv[token * 3 * hidden + part * hidden + head * shape.head_size + i]);
  };
  std::vector<double> weights;
  double sum = 0;
  for (size_t key = begin; key < end; ++key) {
    double score = 0;
    for (size_t i = 0; i < shape.head_size; ++i) score += at(query, 0, i) * at(key, 1, i);
    weights.push_back(std::exp(score / std::sqrt(static_cast<double>(shape.head_size))));
    sum += weights.back();
  }
  std::vector<double> context(shape.head_size, 0);
  for (size_t key = begin; key < end; ++key) {
    for (size_t i = 0; i < shape.head_size; ++i) {
      context[i] += weights[key - begin] / sum * at(key, 2, i);
    }
  }
  return context;
}

TEST_P(NnTest, AttentionIsTheFormulaPerSequence) {
  for (const AttentionShape shape : {AttentionShape{3, 8}, AttentionShape{2, 33}}) {
    const size_t hidden = shape.heads * shape.head_size;
    const std::vector<size_t> offsets{0, 1, 8, 8, 161, 170};
    RandomData random(4);
    const auto qkv = random.Vector(offsets.back() * 3 * hidden);
    std::vector<float> context(offsets.back() * hidden);
    std::vector<AttentionScratch> scratch;
    SelfAttention(*GetParam(), nullptr, shape, qkv.data(), offsets, scratch, context.data());
    for (size_t s = 0; s + 1 < offsets.size(); ++s) {
      for (size_t query = offsets[s]; query < offsets[s + 1]; ++query) {
        for (size_t head = 0; head < shape.heads; ++head) {
          const auto expected =
              DirectAttention(qkv, shape, offsets[s], offsets[s + 1], query, head);
          for (size_t i = 0; i < shape.head_size; ++i) {
            ASSERT_NEAR(context[query * hidden + head * shape.head_size + i], expected[i], 2e-5)
                << "sequence " << s << " query " << query << " head " << head;
          }
        }
      }
    }
  }
}

TEST_P(NnTest, AttentionGivesTheSameBitsOnAnyNumberOfThreads) {
  const AttentionShape shape{5, 32};
  const std::vector<size_t> offsets{0, 150, 290};
  RandomData random(5);
  const auto qkv = random.Vector(size_t{290} * 3 * 160);
  std::vector<float> serial(size_t{290} * 160);
  std::vector<float> parallel(size_t{290} * 160);
  std::vector<AttentionScratch> scratch;
  ThreadPool pool(4);
  SelfAttention(*GetParam(), nullptr, shape, qkv.data(), offsets, scratch, serial.data());
  SelfAttention(*GetParam(), &pool, shape, qkv.data(), offsets, scratch, parallel.data());
  EXPECT_EQ(serial, parallel);
}

TEST(ActivationTest, UnknownNameIsAnError) {
  const auto found = FindActivation(kernels::Reference(), "swish9");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), StatusCode::kInvalidArgument);
  EXPECT_NE(found.error().message().find("\"swish9\""), std::string::npos);
}

}  // namespace
}  // namespace coderank::nn
