#include "ops/operation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "ops/parameters.h"

namespace coderank::ops {
namespace {

using ::testing::HasSubstr;

TEST(OperationTableTest, NamesAreUniqueAndDocumented) {
  std::set<std::string_view> names;
  for (const Operation& operation : Operations()) {
    EXPECT_TRUE(names.insert(operation.name).second) << operation.name;
    EXPECT_FALSE(operation.summary.empty()) << operation.name;
    std::set<std::string_view> parameters;
    for (const Parameter& parameter : operation.parameters) {
      EXPECT_TRUE(parameters.insert(parameter.name).second) << parameter.name;
      EXPECT_FALSE(parameter.help.empty()) << parameter.name;
    }
  }
}

TEST(OperationTableTest, TimesAreDescribedByOnePattern) {
  size_t times = 0;
  for (const Operation& operation : Operations()) {
    for (const Parameter& parameter : operation.parameters) {
      if (parameter.form != TextForm::kDuration) continue;
      EXPECT_EQ(parameter.pattern, kDurationPattern) << operation.name << " --" << parameter.name;
      ++times;
    }
  }
  EXPECT_GT(times, 1U);
}

TEST(OperationTableTest, DefaultsPassTheirOwnChecks) {
  for (const Operation& operation : Operations()) {
    for (const Parameter& parameter : operation.parameters) {
      if (parameter.default_value.empty()) continue;
      std::map<std::string, std::vector<std::string>> given = {
          {std::string(parameter.name), {std::string(parameter.default_value)}}};
      for (const Parameter& other : operation.parameters) {
        if (other.required) given[std::string(other.name)] = {"x"};
      }
      const auto checked = CheckArguments(operation, given);
      EXPECT_TRUE(checked) << operation.name << ": " << checked.error().message();
    }
  }
}

TEST(CheckArgumentsTest, DefaultsAndGivenValues) {
  const auto arguments =
      *CheckArguments(*FindOperation("search"), {{"query", {"x"}}, {"lang", {"cpp", "go"}}});
  EXPECT_EQ(arguments.Text("query"), "x");
  EXPECT_EQ(arguments.Integer("limit"), 10);
  EXPECT_FALSE(arguments.Has("limit"));
  EXPECT_EQ(arguments.List("lang").size(), 2U);
  EXPECT_FALSE(arguments.Flag("json"));
}

std::string ErrorOf(std::map<std::string, std::vector<std::string>> given) {
  given.emplace("query", std::vector<std::string>{"x"});
  const auto checked = CheckArguments(*FindOperation("search"), given);
  EXPECT_FALSE(checked);
  return checked ? "" : checked.error().message();
}

TEST(CheckArgumentsTest, ErrorsNameParameterExpectedAndFound) {
  EXPECT_THAT(ErrorOf({{"limit", {"0"}}}), HasSubstr("limit: expected a whole number from 1 to"));
  EXPECT_THAT(ErrorOf({{"limit", {"9999999999999999999999"}}}), HasSubstr("found \"9999"));
  EXPECT_THAT(ErrorOf({{"limit", {"5x"}}}), HasSubstr("found \"5x\""));
  EXPECT_THAT(ErrorOf({{"limit", {"1", "2"}}}), HasSubstr("expected once, found 2 times"));
  EXPECT_THAT(ErrorOf({{"limt", {"1"}}}),
              HasSubstr("limt: unknown argument of search; did you mean limit? known: query, "));
  EXPECT_THAT(ErrorOf({{"query", {}}}), HasSubstr("query: is required"));
  EXPECT_THAT(ErrorOf({{"json", {"yes"}}}), HasSubstr("expected true or false"));
  EXPECT_THAT(ErrorOf({{"budget", {"soon"}}}), HasSubstr("budget: expected a time such as"));
}

// Also where the model is not used in the end.
TEST(CheckArgumentsTest, NamesOfModelsHaveTheFormOfNames) {
  for (const std::string name : {"../judge", ".judge", "-judge", "a judge", "\xC2\x84"}) {
    EXPECT_THAT(ErrorOf({{"rerank-model", {name}}}),
                HasSubstr("rerank-model: expected the name of an installed model"));
  }
  EXPECT_THAT(ErrorOf({{"rerank-model", {std::string(129, 'a')}}}), HasSubstr("rerank-model: "));
  for (const std::string name : {"", "Judge_2.0-int8"}) {
    EXPECT_TRUE(
        CheckArguments(*FindOperation("search"), {{"query", {"x"}}, {"rerank-model", {name}}}));
  }
}

}  // namespace
}  // namespace coderank::ops
