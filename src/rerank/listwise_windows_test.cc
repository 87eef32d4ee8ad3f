#include "rerank/listwise_windows.h"

#include <gtest/gtest.h>

namespace coderank {
namespace {

TEST(BackToFrontTest, IsThePublishedSetting) {
  const std::vector<Window> hundred = BackToFront(100);
  ASSERT_EQ(hundred.size(), 19U);
  EXPECT_EQ(hundred.front(), (Window{90, 100}));
  EXPECT_EQ(hundred[1], (Window{85, 95}));
  EXPECT_EQ(hundred.back(), (Window{0, 10}));
  EXPECT_EQ(BackToFront(30).size(), 5U);
  EXPECT_EQ(BackToFront(20).size(), 3U);
  EXPECT_EQ(BackToFront(10), (std::vector<Window>{{0, 10}}));
}

TEST(BackToFrontTest, CoversListsOfAnyLengthAndEndsAtTheFront) {
  EXPECT_TRUE(BackToFront(0).empty());
  EXPECT_EQ(BackToFront(3), (std::vector<Window>{{0, 3}}));
  EXPECT_EQ(BackToFront(12), (std::vector<Window>{{2, 12}, {0, 7}}));
  for (size_t n = 1; n <= 200; ++n) {
    const std::vector<Window> windows = BackToFront(n);
    EXPECT_EQ(windows.front().end, n);
    EXPECT_EQ(windows.back().begin, 0U);
    for (size_t i = 1; i < windows.size(); ++i) {
      EXPECT_EQ(windows[i].end, windows[i - 1].end - kListwiseStep);
      EXPECT_LT(windows[i - 1].begin, windows[i].end) << "what rises has to meet the next window";
    }
  }
}

TEST(WorkTest, CountsWhatWindowsShareTwice) {
  const std::vector<size_t> tokens(15, 100);
  const ListwiseWork one = WorkOfList(std::span(tokens).first(10), 200);
  EXPECT_EQ(one.steps, 10U);
  EXPECT_GE(one.tokens, 1200U);
  EXPECT_LE(one.tokens, 1300U);
  const ListwiseWork two = WorkOfList(tokens, 200);
  EXPECT_EQ(two.tokens, 2 * one.tokens);
  EXPECT_EQ(two.steps, 20U);
}

TEST(AffordableTest, IsTheLongestListInTime) {
  const std::vector<size_t> tokens(30, 100);
  const ListwiseRates rates{.tokens_per_second = 100, .steps_per_second = 10};
  const auto seconds = [&](size_t count) {
    return rates.SecondsFor(WorkOfList(std::span(tokens).first(count), 50));
  };
  for (const size_t count : {2U, 9U, 10U, 15U, 30U}) {
    EXPECT_EQ(AffordableDocuments(tokens, 50, rates, seconds(count)), count);
    EXPECT_LT(AffordableDocuments(tokens, 50, rates, 0.999 * seconds(count)), count);
  }
  EXPECT_EQ(AffordableDocuments(tokens, 50, rates, 0.999 * seconds(2)), 0U);
  EXPECT_EQ(AffordableDocuments(tokens, 50, rates, -1), 0U);
  EXPECT_EQ(AffordableDocuments(tokens, 50, {}, 1e9), 0U) << "no rate is known";
  EXPECT_EQ(AffordableDocuments({}, 50, rates, 10), 0U);
}

}  // namespace
}  // namespace coderank
