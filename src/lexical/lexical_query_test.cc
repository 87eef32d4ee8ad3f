#include "lexical/lexical_query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "lexical/stop_words.h"

namespace coderank {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Terms(std::string_view text) {
  std::vector<std::string> terms;
  for (const QueryTerm& term : MakeLexicalQuery(text).terms) terms.push_back(term.term);
  return terms;
}

TEST(LexicalQuery, LeavesOutWordsOfAsking) {
  EXPECT_THAT(Terms("How does the client retry?"), ElementsAre("client", "retry"));
  EXPECT_THAT(Terms("how to"), ElementsAre("how", "to"));
  EXPECT_THAT(Terms("Where is HTTPServer defined"),
              ElementsAre("httpserver", "http", "server", "defined"));
  EXPECT_THAT(Terms(""), IsEmpty());
}

TEST(LexicalQuery, RepeatedWordsWeighMoreWithinBounds) {
  const LexicalQuery query = MakeLexicalQuery("token token token tokens parse_args parse");
  ASSERT_EQ(query.terms[0].term, "token");
  EXPECT_EQ(query.terms[0].weight, 2 * query.terms[1].weight);
  // As a word it weighs more than as a part.
  EXPECT_EQ(query.terms[2].term, "parseargs");
  EXPECT_EQ(query.terms[3].term, "parse");
  EXPECT_GT(query.terms[3].weight, query.terms[4].weight);
}

TEST(LexicalQuery, PhrasesNeedAllTheirWords) {
  EXPECT_THAT(PhraseTerms("how to ReadAll the utf8"),
              ElementsAre("all", "how", "read", "readall", "the", "to", "utf8"));
  EXPECT_THAT(PhraseTerms("== !="), IsEmpty());
}

TEST(LexicalQuery, StopWordsAreWhole) {
  EXPECT_TRUE(IsStopWord("where"));
  EXPECT_TRUE(IsStopWord("a"));
  EXPECT_FALSE(IsStopWord("class"));
  EXPECT_FALSE(IsStopWord(""));
}

}  // namespace
}  // namespace coderank
