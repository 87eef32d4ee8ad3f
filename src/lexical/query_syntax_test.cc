#include "lexical/query_syntax.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

namespace coderank {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ParsedSearch Parse(std::string_view query) {
  auto request = ParseSearch(query);
  EXPECT_TRUE(request.has_value()) << query;
  return request ? *request : ParsedSearch{};
}

TEST(QuerySyntax, SplitsTextPhrasesAndFilters) {
  const ParsedSearch request = Parse(
      R"(  retry path:src/** "connection reset"  -path:*_test.* lang:go lang:c -lang:html symbol:std::pool now )");
  EXPECT_EQ(request.text, "retry connection reset now");
  EXPECT_THAT(request.phrases, ElementsAre("connection reset"));
  EXPECT_THAT(request.symbols, ElementsAre("std::pool"));
  EXPECT_THAT(request.paths, ElementsAre("src/**"));
  EXPECT_THAT(request.excluded_paths, ElementsAre("*_test.*"));
  EXPECT_THAT(request.languages, ElementsAre("go", "c"));
  EXPECT_THAT(request.excluded_languages, ElementsAre("html"));
}

TEST(QuerySyntax, QuotesHoldBlanksAndQuotes) {
  const ParsedSearch request = Parse(R"("say \"hi\"" path:"my files/*" "a\nb" )");
  EXPECT_THAT(request.phrases, ElementsAre("say \"hi\"", "a\\nb"));
  EXPECT_THAT(request.paths, ElementsAre("my files/*"));
  EXPECT_THAT(Parse("\"path:src\"").phrases, ElementsAre("path:src"));
}

// Code and prose that only resembles the syntax is text.
TEST(QuerySyntax, LeavesCodeAndProseAlone) {
  for (const char* text : {"std::vector<int> path::join", "foo: bar", "http://x/y path://z",
                           "path: the folder", "lang:", "printf(\"hello %d\", x)", "5\" disk",
                           "\"not closed", "a \"b\"c", "\"\" \"  \"", "mypath:x", "xlang:go",
                           "-O2 --path", "it's \"", "Symbol:x", "path", "a\"b\"", "language:go"}) {
    const ParsedSearch request = Parse(text);
    EXPECT_THAT(request.phrases, IsEmpty()) << text;
    EXPECT_THAT(request.paths, IsEmpty()) << text;
    EXPECT_THAT(request.languages, IsEmpty()) << text;
    EXPECT_THAT(request.symbols, IsEmpty()) << text;
    EXPECT_FALSE(request.text.empty()) << text;
  }
  EXPECT_EQ(Parse("foo:\tbar  \"x").text, "foo: bar \"x");
  EXPECT_EQ(Parse("").text, "");
}

TEST(QuerySyntax, ErrorsNameTheColumn) {
  const auto negated = ParseSearch("a -symbol:b");
  ASSERT_FALSE(negated.has_value());
  EXPECT_EQ(negated.error().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(negated.error().message(), HasSubstr("column 3"));
  for (const char* query : {"path:\"open", "path:\"\"", "path:\"a\"b"}) {
    const auto open = ParseSearch(query);
    ASSERT_FALSE(open.has_value()) << query;
    EXPECT_THAT(open.error().message(), HasSubstr("column 1: path")) << query;
  }
}

TEST(QuerySyntax, EndsOnAnyText) {
  std::mt19937 random(9);
  constexpr std::string_view kBytes = "\"\\ :-ab\tpathlngsymo/";
  for (int round = 0; round < 20'000; ++round) {
    std::string query(random() % 24, ' ');
    for (char& byte : query) byte = kBytes[random() % kBytes.size()];
    if (round % 3 == 0) query.insert(random() % (query.size() + 1), "path:");
    static_cast<void>(ParseSearch(query).has_value());
  }
}

}  // namespace
}  // namespace coderank
