#include "server/json_arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace coderank::server {
namespace {

using nlohmann::json;
using ops::ParameterType;
using ::testing::HasSubstr;

constexpr std::array<std::string_view, 2> kColours = {"red", "blue"};

ops::Operation Sample() {
  return {.name = "sample",
          .summary = "",
          .details = "",
          .parameters = {{.name = "text", .help = "t", .required = true},
                         {.name = "count",
                          .type = ParameterType::kInteger,
                          .help = "c",
                          .default_value = "3",
                          .least = 1,
                          .most = 5},
                         {.name = "dry-run", .type = ParameterType::kFlag, .help = "f"},
                         {.name = "colour",
                          .type = ParameterType::kChoice,
                          .help = "o",
                          .default_value = "red",
                          .choices = kColours},
                         {.name = "many", .help = "m", .repeated = true, .default_value = "."},
                         {.name = "secret", .help = "s", .local = true}}};
}

std::string ErrorOf(json object) {
  object.emplace("text", "x");
  const auto arguments = ArgumentsFromJson(Sample(), object);
  EXPECT_FALSE(arguments) << object;
  return arguments ? "" : arguments.error().message();
}

TEST(JsonArgumentsTest, TheSchemaSaysWhatTheTableSays) {
  EXPECT_EQ(json::parse(ArgumentsSchema(WithoutLocalParameters(Sample())).dump()), json::parse(R"({
    "type": "object",
    "properties": {
      "text": {"type": "string", "description": "t"},
      "count": {"type": "integer", "minimum": 1, "maximum": 5, "description": "c", "default": 3},
      "dry_run": {"type": "boolean", "description": "f"},
      "colour": {"type": "string", "enum": ["red", "blue"], "description": "o", "default": "red"},
      "many": {"type": "array", "items": {"type": "string"}, "description": "m",
               "default": ["."]}},
    "required": ["text"],
    "additionalProperties": false})"));
}

TEST(JsonArgumentsTest, ValuesOfEveryType) {
  const auto arguments = ArgumentsFromJson(
      Sample(), {{"text", "a"}, {"count", 5.0}, {"dry_run", true}, {"many", {"x", "y"}}});
  ASSERT_TRUE(arguments);
  EXPECT_EQ(arguments->Text("text"), "a");
  EXPECT_EQ(arguments->Integer("count"), 5);
  EXPECT_TRUE(arguments->Flag("dry-run"));
  EXPECT_EQ(arguments->Text("colour"), "red");
  EXPECT_EQ(arguments->List("many"), std::vector<std::string>({"x", "y"}));
}

TEST(JsonArgumentsTest, NullIsAbsentAndOneOfManyMayStandAlone) {
  const auto arguments =
      ArgumentsFromJson(Sample(), {{"text", "a"}, {"count", nullptr}, {"many", "x"}});
  ASSERT_TRUE(arguments);
  EXPECT_FALSE(arguments->Has("count"));
  EXPECT_EQ(arguments->List("many"), std::vector<std::string>({"x"}));
}

TEST(JsonArgumentsTest, ErrorsNameArgumentExpectedAndFound) {
  EXPECT_THAT(ErrorOf({{"count", "4"}}), HasSubstr("count: expected a whole number, found string"));
  EXPECT_THAT(ErrorOf({{"count", 2.5}}), HasSubstr("count: expected a whole number"));
  EXPECT_THAT(ErrorOf({{"count", 1e300}}), HasSubstr("count: expected a whole number"));
  EXPECT_THAT(ErrorOf({{"count", 6}}), HasSubstr("from 1 to 5, found \"6\""));
  EXPECT_THAT(ErrorOf({{"dry_run", "true"}}), HasSubstr("dry_run: expected true or false"));
  EXPECT_THAT(ErrorOf({{"colour", "green"}}), HasSubstr("one of red, blue"));
  EXPECT_THAT(ErrorOf({{"many", {{"x"}}}}), HasSubstr("many: expected a string, found array"));
  EXPECT_THAT(ErrorOf({{"text", {"x"}}}), HasSubstr("text: expected a string, found array"));
  EXPECT_THAT(ErrorOf({{"txt", 1}}),
              HasSubstr("txt: unknown argument of sample; did you mean text? known: text"));
  EXPECT_THAT(ErrorOf({{"dry-run", true}}),
              HasSubstr("dry-run: unknown argument of sample; did you mean dry_run?"));
  EXPECT_FALSE(ArgumentsFromJson(Sample(), json::array()));
}

}  // namespace
}  // namespace coderank::server
