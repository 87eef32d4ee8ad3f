#include "tokenizer/added_tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace coderank {
namespace {

using ::testing::ElementsAre;

AddedTokenMatcher Matcher(const std::vector<AddedToken>& tokens) {
  AddedTokenMatcher matcher;
  for (const AddedToken& token : tokens) EXPECT_TRUE(matcher.Add(token, token.content).ok());
  return matcher;
}

// The parts of a text: its own text, or "<id>".
std::vector<std::string> Parts(const AddedTokenMatcher& matcher, std::string_view text) {
  std::vector<std::string> parts;
  matcher.Split(text, [&](std::string_view between, std::optional<int32_t> id) {
    parts.push_back(id ? "<" + std::to_string(*id) + ">" : std::string(between));
    return true;
  });
  return parts;
}

TEST(AddedTokensTest, TheLeftmostAndThenTheLongestIsFound) {
  const auto matcher = Matcher(
      {{.content = "::", .id = 1}, {.content = ":::", .id = 2}, {.content = "::x", .id = 3}});
  EXPECT_THAT(Parts(matcher, "a::b"), ElementsAre("a", "<1>", "b"));
  EXPECT_THAT(Parts(matcher, ":::::"), ElementsAre("<2>", "<1>"));
  EXPECT_THAT(Parts(matcher, ":::x"), ElementsAre("<2>", "x"));
  EXPECT_THAT(Parts(matcher, ":"), ElementsAre(":"));
  EXPECT_THAT(Parts(matcher, ""), ElementsAre());
}

TEST(AddedTokensTest, SingleWordsStandAlone) {
  const auto matcher = Matcher({{.content = "if", .id = 1, .single_word = true}});
  EXPECT_THAT(Parts(matcher, "if (if)"), ElementsAre("<1>", " (", "<1>", ")"));
  EXPECT_THAT(Parts(matcher, "_if ifé éif"), ElementsAre("_if ifé éif"));
}

TEST(AddedTokensTest, StrippingTakesWhiteSpaceOfAllKinds) {
  const auto left = Matcher({{.content = "x", .id = 1, .lstrip = true}});
  EXPECT_THAT(Parts(left, "a \t\u3000x b"), ElementsAre("a", "<1>", " b"));
  EXPECT_THAT(Parts(left, "x x"), ElementsAre("<1>", "<1>"));
  const auto right = Matcher({{.content = "x", .id = 1, .rstrip = true}});
  EXPECT_THAT(Parts(right, "a x \u00a0b"), ElementsAre("a ", "<1>", "b"));
}

TEST(AddedTokensTest, LongWhiteSpaceTakesLinearTime) {
  const auto matcher = Matcher({{.content = " ", .id = 1, .lstrip = true, .rstrip = true}});
  size_t found = 0;
  EXPECT_TRUE(matcher.Split(std::string(2'000'000, ' '), [&](auto, std::optional<int32_t> id) {
    found += id ? 1U : 0U;
    return true;
  }));
  EXPECT_EQ(found, 2'000'000U);
}

TEST(AddedTokensTest, VisitorsCanStop) {
  const auto matcher = Matcher({{.content = "x", .id = 1}});
  int visits = 0;
  EXPECT_FALSE(matcher.Split("axbxc", [&](auto, auto) { return ++visits < 3; }));
  EXPECT_EQ(visits, 3);
}

TEST(AddedTokensTest, EmptyAndHugePatternsAreRefused) {
  AddedTokenMatcher matcher;
  EXPECT_EQ(matcher.Add({.content = "\u0301"}, "").code(), StatusCode::kInvalidArgument);
  const std::string huge(AddedTokenMatcher::kLongestToken + 1, 'x');
  EXPECT_EQ(matcher.Add({.content = huge}, huge).code(), StatusCode::kInvalidArgument);
  EXPECT_TRUE(matcher.empty());
}

}  // namespace
}  // namespace coderank
