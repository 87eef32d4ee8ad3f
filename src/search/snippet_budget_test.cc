#include "search/snippet_budget.h"

#include <gtest/gtest.h>

#include <string>

namespace coderank {
namespace {

SearchResult Make(size_t lines, std::string_view line = "call(something);\n") {
  SearchResult result{.path = "src/a.cc", .start_line = 1, .symbol = "f"};
  for (size_t i = 0; i < lines; ++i) result.snippet += line;
  return result;
}

size_t Total(const std::vector<SearchResult>& results) {
  size_t bytes = 0;
  for (const SearchResult& result : results) {
    bytes += result.path.size() + result.symbol.size() + result.snippet.size() +
             result.before.size() + result.after.size();
  }
  return bytes;
}

TEST(SnippetBudgetTest, WhatFitsStaysWhole) {
  std::vector<SearchResult> results = {Make(3), Make(2)};
  FitSnippets(results, 1000);
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[0].snippet, Make(3).snippet);
  EXPECT_FALSE(results[0].snippet_cut);
}

TEST(SnippetBudgetTest, LongSnippetsAreCutAtLinesAndShortOnesAreNot) {
  std::vector<SearchResult> results = {Make(100), Make(2), Make(100)};
  FitSnippets(results, 400);
  ASSERT_EQ(results.size(), 3U);
  EXPECT_EQ(results[1].snippet, Make(2).snippet);
  EXPECT_FALSE(results[1].snippet_cut);
  EXPECT_TRUE(results[0].snippet_cut);
  EXPECT_TRUE(results[0].snippet.ends_with("call(something);"));
  EXPECT_EQ(results[0].snippet, results[2].snippet);
  EXPECT_LE(Total(results), 400U * 3);
  // Two thirds of the budget and more are used: what the short one leaves goes to the others.
  EXPECT_GT(Total(results), 400U * 2);
}

TEST(SnippetBudgetTest, TheBudgetHoldsForAnyNumberOfResults) {
  for (const size_t budget : {50U, 100U, 333U, 2000U}) {
    for (const size_t count : {1U, 2U, 7U, 50U}) {
      std::vector<SearchResult> results(count, Make(40));
      FitSnippets(results, budget);
      EXPECT_GE(results.size(), 1U);
      EXPECT_LE(Total(results), budget * 3) << count << " results, " << budget << " tokens";
    }
  }
}

TEST(SnippetBudgetTest, LastResultsAreLeftOutWhenPlacesAloneDoNotFit) {
  std::vector<SearchResult> results(50, Make(40));
  FitSnippets(results, 200);
  EXPECT_GT(results.size(), 2U);
  EXPECT_LT(results.size(), 10U);
}

TEST(SnippetBudgetTest, AnEndlessLineIsCutBetweenCharacters) {
  std::vector<SearchResult> results = {Make(2000, "\u00e9")};  // 2 bytes each
  FitSnippets(results, 101);
  ASSERT_EQ(results.size(), 1U);
  EXPECT_TRUE(results[0].snippet_cut);
  EXPECT_FALSE(results[0].snippet.empty());
  EXPECT_EQ(results[0].snippet.size() % 2, 0U);
}

TEST(SnippetBudgetTest, LinesAroundTheChunkGoFirst) {
  std::vector<SearchResult> results = {Make(5)};
  results[0].before = std::string(300, 'b');
  results[0].after = std::string(300, 'a');
  FitSnippets(results, 100);
  EXPECT_TRUE(results[0].before.empty());
  EXPECT_EQ(results[0].snippet, Make(5).snippet);
}

TEST(SnippetBudgetTest, NothingIsNothing) {
  std::vector<SearchResult> results;
  FitSnippets(results, 100);
  EXPECT_TRUE(results.empty());
}

}  // namespace
}  // namespace coderank
