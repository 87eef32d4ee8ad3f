#include "search/query_analysis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "search/word_match.h"

namespace coderank {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(QueryAnalysisTest, Names) {
  for (const auto& [text, name, qualifier] :
       std::initializer_list<std::tuple<std::string_view, std::string_view, std::string_view>>{
           {"Session", "Session", ""},
           {"  parse_args() ", "parse_args", ""},
           {"http::Server::close", "close", "Server"},
           {"app.handle", "handle", "app"},
           {"Array#map", "map", "Array"},
           {"self->next(x, y)", "self->next(x, y)", ""},
           {"class PreparedRequest", "PreparedRequest", ""},
           {"formatter", "formatter", ""}}) {
    const QueryAnalysis analysis = AnalyseQuery(text);
    if (text.find(',') != std::string_view::npos) {
      EXPECT_EQ(analysis.shape, QueryShape::kSentence) << text;
      continue;
    }
    EXPECT_EQ(analysis.shape, QueryShape::kName) << text;
    EXPECT_EQ(analysis.name, name);
    EXPECT_EQ(analysis.qualifier, qualifier);
  }
}

TEST(QueryAnalysisTest, Paths) {
  for (const std::string_view text : {"src/http/server.cc", "lib/"}) {
    EXPECT_EQ(AnalyseQuery(text).shape, QueryShape::kPath) << text;
  }
  EXPECT_NE(AnalyseQuery("http://example.org/a").shape, QueryShape::kPath);
  EXPECT_EQ(AnalyseQuery("my-module.js").path, "my-module.js");
  EXPECT_EQ(AnalyseQuery("adapters.py").path, "adapters.py");
  EXPECT_EQ(AnalyseQuery("two words.py").path, "");
}

TEST(QueryAnalysisTest, LinesBehindPaths) {
  for (const auto& [text, path, line] :
       std::initializer_list<std::tuple<std::string_view, std::string_view, uint32_t>>{
           {"models.py:976", "models.py", 976U},
           {"src/http/server.cc:12-40", "src/http/server.cc", 12U},
           {"models.py", "models.py", 0U},
           {"models.py:", "", 0U},
           {"models.py:12-", "", 0U},
           {"models.py:9x", "", 0U},
           {"models.py:99999999999", "", 0U},
           {"localhost:8080", "", 0U},
           {"std::vector", "", 0U}}) {
    const QueryAnalysis analysis = AnalyseQuery(text);
    EXPECT_EQ(analysis.path, path) << text;
    EXPECT_EQ(analysis.line, line) << text;
  }
}

TEST(QueryAnalysisTest, SentencesAndTheNamesTheyMention) {
  const QueryAnalysis analysis =
      AnalyseQuery("how does HTTPAdapter.send use `retry` and max_retries, when foo() fails?");
  EXPECT_EQ(analysis.shape, QueryShape::kSentence);
  EXPECT_THAT(analysis.mentioned, ElementsAre("send", "retry", "max_retries", "foo"));
  EXPECT_THAT(AnalyseQuery("Where are the sessions closed?").mentioned, IsEmpty());
}

TEST(QueryAnalysisTest, WordsWithoutStopWords) {
  EXPECT_THAT(AnalyseQuery("how is the retryBackoff of a request computed, a retry?").words,
              ElementsAre("retry", "backoff", "request", "computed"));
}

TEST(QueryAnalysisTest, KindsOfFileThatAreAskedFor) {
  EXPECT_EQ(AnalyseQuery("tests of the parser").wanted_traits, kTraitTest);
  EXPECT_EQ(AnalyseQuery("docs of the parser").wanted_traits, kTraitDocs | kTraitProse);
  EXPECT_EQ(AnalyseQuery("latest parser").wanted_traits, 0U);
}

TEST(QueryAnalysisTest, HostileTextIsOnlyText) {
  EXPECT_EQ(AnalyseQuery("").shape, QueryShape::kSentence);
  EXPECT_EQ(AnalyseQuery("\xff\xfe").words.size(), AnalyseQuery("\xff\xfe").words.size());
  EXPECT_EQ(AnalyseQuery("::").shape, QueryShape::kSentence);
  EXPECT_EQ(AnalyseQuery("a::").shape, QueryShape::kSentence);
  EXPECT_EQ(AnalyseQuery(std::string(100000, '(')).shape, QueryShape::kSentence);
}

TEST(WordMatchTest, FormsOfAWord) {
  for (const auto& [a, b] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"parsing", "parser"},
           {"sessions", "session"},
           {"serialize", "serialization"},
           {"caching", "caches"}}) {
    EXPECT_EQ(Stem(a), Stem(b)) << a << " " << b;
  }
  EXPECT_EQ(Stem("class"), "class");
  EXPECT_EQ(Stem("string"), "string");
  EXPECT_EQ(WordMatch("url", "url"), 1);
  EXPECT_GT(WordMatch("config", "configuration"), 0);
  EXPECT_EQ(WordMatch("co", "config"), 0);
  EXPECT_EQ(WordMatch("class", "clash"), 0);
}

TEST(WordMatchTest, ShareCountsEachWordByItsBest) {
  EXPECT_DOUBLE_EQ(MatchedShare({"url", "other"}, {"url", "urls"}), 0.5);
  EXPECT_EQ(MatchedShare({}, {"url"}), 0);
}

}  // namespace
}  // namespace coderank
