#include "rerank/blend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace coderank {
namespace {

using ::testing::ElementsAre;

std::vector<size_t> Order(const std::vector<Blended>& blended) {
  std::vector<size_t> order;
  for (const Blended& one : blended) order.push_back(one.index);
  return order;
}

TEST(BlendTest, IsTheSumOfShares) {
  const std::vector<double> first = {2, 1, 0.5};
  const std::vector<float> logits = {0, std::log(3.0F), -20};  // p = 1/2, 3/4 and about 0
  const auto blended = Blend(first, logits, 0.25);
  ASSERT_EQ(blended.size(), 3U);
  EXPECT_THAT(Order(blended), ElementsAre(0, 1, 2));
  EXPECT_NEAR(blended[0].score, 0.75 * 2 + 0.25 * 2 * (0.5 / 0.75), 1e-6);
  EXPECT_NEAR(blended[1].score, 0.75 * 1 + 0.25 * 2, 1e-6);
  EXPECT_NEAR(blended[2].score, 0.75 * 0.5, 1e-6);
}

// Three quarters are the search's: the judge moves what is near and not what is far.
TEST(BlendTest, TheDefaultMovesNeighboursOnly) {
  const std::vector<double> first = {1.0, 0.9, 0.5};
  EXPECT_THAT(Order(Blend(first, std::vector<float>{-8, 3, -8})), ElementsAre(1, 0, 2));
  EXPECT_THAT(Order(Blend(first, std::vector<float>{-8, -8, 3})), ElementsAre(0, 1, 2));
}

TEST(BlendTest, WeightOneLeavesTheOrderToTheJudge) {
  const std::vector<double> first = {9, 5, 1, 0.5};
  EXPECT_THAT(Order(Blend(first, std::vector<float>{-3, -2, -11, 4}, 1)), ElementsAre(3, 1, 0, 2));
  EXPECT_THAT(Order(Blend(first, std::vector<float>{-3, -2, -11, 4}, 0)), ElementsAre(0, 1, 2, 3));
}

TEST(BlendTest, WhatWasNotJudgedStaysBehind) {
  const std::vector<double> first = {1.0, 0.99, 0.98, 0.97};
  for (const double weight : {0.0, 0.25, 1.0}) {
    const auto blended = Blend(first, std::vector<float>{-15, -3}, weight);
    const std::vector<size_t> order = Order(blended);
    EXPECT_EQ(order[2], 2U) << weight;
    EXPECT_EQ(order[3], 3U) << weight;
    for (size_t i = 1; i < blended.size(); ++i) {
      EXPECT_LE(blended[i].score, blended[i - 1].score);
    }
  }
}

TEST(BlendTest, AJudgeThatDoesNotTellThemApartChangesNothing) {
  const std::vector<double> first = {1.0, 1.0, 0.8, 0.7};
  EXPECT_THAT(Order(Blend(first, std::vector<float>{-11, -11, -11, -11})), ElementsAre(0, 1, 2, 3));
  // All of them certain: also by logits that f64 cannot tell from certainty.
  EXPECT_THAT(Order(Blend(first, std::vector<float>{50, 60, 70, 80})), ElementsAre(0, 1, 2, 3));
}

TEST(BlendTest, ExtremesStayFinite) {
  constexpr float kMost = std::numeric_limits<float>::max();
  for (const auto& blended :
       {Blend(std::vector<double>{1, 0.5}, std::vector<float>{-kMost, kMost}),
        Blend(std::vector<double>{1, 0.5}, std::vector<float>{-kMost, -kMost}),
        Blend(std::vector<double>{0, 0}, std::vector<float>{1, 2}),
        Blend(std::vector<double>{-1, -2}, std::vector<float>{1, 2})}) {
    for (const Blended& one : blended) EXPECT_TRUE(std::isfinite(one.score));
  }
  EXPECT_TRUE(Blend({}, {}).empty());
}

TEST(BlendOrderTest, TheWholeWeightIsTheJudgesOrderWithTheSearchsScores) {
  const std::vector<double> first = {4, 3, 3, 1, 0.5};
  const std::vector<size_t> order = {2, 3, 0, 1};
  const auto blended = BlendOrder(first, order, 1);
  EXPECT_THAT(Order(blended), ElementsAre(2, 3, 0, 1, 4));
  for (size_t i = 0; i < first.size(); ++i) EXPECT_EQ(blended[i].score, first[i]);
}

TEST(BlendOrderTest, NoWeightChangesNothing) {
  const std::vector<double> first = {4, 3, 3, 1};
  const std::vector<size_t> order = {2, 3, 1, 0};
  const auto blended = BlendOrder(first, order, 0);
  EXPECT_THAT(Order(blended), ElementsAre(0, 1, 2, 3));
  for (size_t i = 0; i < first.size(); ++i) EXPECT_EQ(blended[i].score, first[i]);
}

TEST(BlendOrderTest, HalfIsTheMeanOfTwoPlaces) {
  const std::vector<double> first = {4, 3, 2, 1};
  const auto blended = BlendOrder(first, std::vector<size_t>{1, 2, 0}, 0.5);
  EXPECT_THAT(Order(blended), ElementsAre(1, 0, 2, 3));
  EXPECT_EQ(blended[0].score, 3.5);  // of 3 and of 4, the place that it was given
  EXPECT_EQ(blended[1].score, 3.0);
  EXPECT_EQ(blended[2].score, 2.5);
  EXPECT_EQ(blended[3].score, 1.0);  // not judged
}

}  // namespace
}  // namespace coderank
