#include "agents/jsonc_edit.h"

#include <gtest/gtest.h>

#include <string>

#include "agents/jsonc_scanner.h"

namespace coderank::agents {
namespace {

using nlohmann::json;

const JsonPath kPath = {"servers", "us"};
const nlohmann::ordered_json kValue = {{"command", "c"}, {"args", {"mcp"}}};

std::string Set(const std::string& text, const JsonPath& path = kPath) {
  const auto changed = SetMember(text, path, kValue);
  EXPECT_TRUE(changed) << changed.error().message() << " in\n" << text;
  return changed ? *changed : "";
}

std::string Remove(const std::string& text) {
  const auto changed = RemoveMember(text, kPath);
  EXPECT_TRUE(changed) << changed.error().message() << " in\n" << text;
  return changed ? *changed : "";
}

TEST(JsoncEditTest, AnEmptyFileBecomesADocument) {
  const std::string expected =
      "{\n  \"servers\": {\n    \"us\": {\n      \"command\": \"c\",\n      \"args\": [\n"
      "        \"mcp\"\n      ]\n    }\n  }\n}\n";
  EXPECT_EQ(Set(""), expected);
  EXPECT_EQ(Set(" \n"), expected);
  EXPECT_EQ(Set("{}\n"), expected);
  EXPECT_EQ(Set("{\n}\n"), expected);
}

TEST(JsoncEditTest, NothingElseIsTouched) {
  const std::string before =
      "// mine\n{\n\t\"a\": [1, 2,], // why\n\t\"servers\": {\n\t\t/* one */ \"x\": {}\n\t\t// "
      "last\n"
      "\t}\n}\n";
  const std::string after = Set(before);
  EXPECT_EQ(
      after,
      "// mine\n{\n\t\"a\": [1, 2,], // why\n\t\"servers\": {\n\t\t/* one */ \"x\": {}, \"us\": "
      "{\"command\":\"c\",\"args\":[\"mcp\"]}\n\t\t// last\n\t}\n}\n")
      << "the sibling does not begin its line";
  EXPECT_EQ(Remove(after), before);
}

TEST(JsoncEditTest, IndentLineEndsAndCommasStayAsTheyAre) {
  const std::string before =
      "{\r\n    \"servers\": {\r\n        \"x\": {}, // note\r\n    },\r\n}\r\n";
  const std::string after = Set(before);
  EXPECT_EQ(after,
            "{\r\n    \"servers\": {\r\n        \"x\": {}, // note\r\n        \"us\": {\r\n"
            "            \"command\": \"c\",\r\n            \"args\": [\r\n"
            "                \"mcp\"\r\n            ]\r\n        },\r\n    },\r\n}\r\n");
  EXPECT_EQ(Remove(after), before);
  EXPECT_EQ(Set(after), after) << "again";
}

TEST(JsoncEditTest, AddingAndRemovingGivesTheSameBytes) {
  for (const std::string before : {
           "{\"servers\":{\"x\":1}}",
           "{ \"servers\": { \"x\": 1 } }\n",
           "{ \"servers\": { \"x\": 1, } }\n",
           "{\n  \"servers\": {\n    \"x\": 1\n  }\n}",
           "{\n  \"servers\": {\n    \"x\": 1 // one\n  }\n}",
           "{\n  \"servers\": {\n    \"x\": \"// no comment }\"\n    /* } */\n  },\n  \"z\": 2\n}",
           "\xEF\xBB\xBF{\n  \"servers\": {\n    \"x\": 1\n  }\n}",
           "{\n  \"servers\": {\n  }\n}",
           "{\n  \"servers\": {\n    // nothing yet\n  }\n}",
       }) {
    const std::string after = Set(before);
    const auto read = ReadMember(after, kPath);
    ASSERT_TRUE(read && *read) << after;
    EXPECT_EQ(**read, json::parse(kValue.dump()));
    EXPECT_EQ(Remove(after), before) << "after\n" << after;
  }
}

TEST(JsoncEditTest, AnEntryOfOursIsReplacedWhereItIs) {
  EXPECT_EQ(Set("{\"servers\": {\"us\": {\"command\": \"old\"}, \"x\": 1}}"),
            "{\"servers\": {\"us\": {\"command\":\"c\",\"args\":[\"mcp\"]}, \"x\": 1}}");
}

TEST(JsoncEditTest, RemovingOneOfSeveral) {
  EXPECT_EQ(Remove("{\"servers\": {\"us\": 1, \"x\": 2}}"), "{\"servers\": {\"x\": 2}}");
  EXPECT_EQ(Remove("{\"servers\": {\"a\": 1, \"us\": 1, \"x\": 2}}"),
            "{\"servers\": {\"a\": 1, \"x\": 2}}");
  EXPECT_EQ(Remove("{\"servers\": {\n  \"us\": 1 /* c */ ,\n  \"x\": 2\n}}"),
            "{\"servers\": {\n  \"x\": 2\n}}");
  EXPECT_EQ(Remove("{\"a\": 1}"), "{\"a\": 1}");
  EXPECT_EQ(Remove(""), "");
}

TEST(JsoncEditTest, WhatCannotBeUnderstoodIsRefused) {
  for (const char* text :
       {"[]", "{", "{}{}", "{\"servers\": []}", "{\"servers\": 1}", "{\"servers\": {\"us\" 1}}",
        "{'servers': {}}", "{\"servers\": {}, \"servers\": {}}", "{servers: {}}", "{\"a\": tru}",
        "{\"a\": 1 \"b\": 2}", "{,}", "{\"a\": 1,,}", "{\"a\": \"\n\"}", "{} /*", "x"}) {
    EXPECT_FALSE(SetMember(text, kPath, kValue)) << text;
  }
  EXPECT_FALSE(SetMember("{\"a\": " + std::string(100'000, '['), kPath, kValue));
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "{\"a\":";
  EXPECT_FALSE(SetMember(deep, kPath, kValue));
}

TEST(JsoncEditTest, PlainJsonKeepsTexts) {
  EXPECT_EQ(PlainJson("{ \"a\\\"//\": [1, /* , */ 2, ], // x\n \"b\": \"/*\\\\\", }"),
            "{\"a\\\"//\":[1,2],\"b\":\"/*\\\\\"}");
}

}  // namespace
}  // namespace coderank::agents
