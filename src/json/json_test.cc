#include "json/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace coderank {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

TEST(JsonTest, DepthCountsBracketsOutsideOfTexts) {
  EXPECT_EQ(JsonDepth("7"), 0U);
  EXPECT_EQ(JsonDepth(R"([{"a":[]},[1]])"), 3U);
  EXPECT_EQ(JsonDepth(R"(["[[[[", "\"[[[["])"), 1U);
  EXPECT_EQ(JsonDepth("]]]["), 1U) << "no JSON, and not below 0";
}

TEST(JsonTest, DeepNestingIsRefused) {
  EXPECT_FALSE(ParseBoundedJson(std::string(100'000, '[')));
  EXPECT_FALSE(ParseBoundedJson("{\"a\":" + std::string(200, '[') + std::string(200, ']') + "}"));
  EXPECT_TRUE(ParseBoundedJson("\"" + std::string(1000, '[') + "\"")) << "brackets in a text";
}

TEST(JsonTest, WhatIsNoJsonIsCorrupt) {
  for (const char* text : {"", "{", "{} {}", "\"\xff\"", "<html>"}) {
    const auto parsed = ParseBoundedJson(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code(), StatusCode::kCorrupt) << text;
  }
}

TEST(JsonTest, FieldsOfAnotherTypeAreAsIfMissing) {
  const auto object =
      *ParseBoundedJson(R"({"text":"a","number":7,"minus":-7,"real":7.5,"object":{}})");
  EXPECT_TRUE(Member(object, "object").is_object());
  EXPECT_TRUE(Member(object, "nothing").is_null());
  EXPECT_TRUE(Member(json::array({1}), "text").is_null());
  EXPECT_EQ(TextAt(object, "text"), "a");
  EXPECT_EQ(TextAt(object, "number"), "");
  EXPECT_EQ(NumberAt(object, "number"), 7U);
  for (const char* key : {"text", "minus", "real", "object", "nothing"}) {
    EXPECT_EQ(NumberAt(object, key), 0U) << key;
  }
  EXPECT_EQ(NumberAt({{"number", 7}}, "number"), 7U) << "a signed type, as our own values have";
}

TEST(JsonTest, TextIsOneLineOfValidUtf8) {
  EXPECT_EQ(ToText({{"b", "\xff\n"}, {"a", "\u00e9"}}),
            "{\"a\":\"\u00e9\",\"b\":\"\xEF\xBF\xBD\\n\"}");
  EXPECT_EQ(ToText(ordered_json{{"b", 1}, {"a", 2}}), R"({"b":1,"a":2})");
  EXPECT_EQ(ToText(json::array({1}), 2), "[\n  1\n]");
}

}  // namespace
}  // namespace coderank
