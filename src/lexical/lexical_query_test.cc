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
  for (const QueryTerm& term : MakeLexicalQuery(text).terms) {
    if (term.weight > 0 && !term.term.starts_with('=')) terms.push_back(term.term);
  }
  return terms;
}

const QueryTerm* Find(const LexicalQuery& query, std::string_view term) {
  for (const QueryTerm& one : query.terms) {
    if (one.term == term) return &one;
  }
  return nullptr;
}

TEST(LexicalQuery, LeavesOutWordsOfAsking) {
  EXPECT_THAT(Terms("How does the client retry?"), ElementsAre("client", "retry"));
  EXPECT_THAT(Terms("how to"), ElementsAre("how", "to"));
  EXPECT_THAT(Terms("Where is HTTPServer defined"),
              ElementsAre("httpserver", "http", "server", "defined"));
  EXPECT_THAT(Terms(""), IsEmpty());
}

TEST(LexicalQuery, RepeatedWordsWeighMoreWithinBounds) {
  const LexicalQuery query = MakeLexicalQuery("token token token reader parse_args parse");
  EXPECT_EQ(Find(query, "token")->weight, 2 * Find(query, "reader")->weight);
  // As a word and a part it weighs more than as a part.
  EXPECT_GT(Find(query, "parse")->weight, Find(query, "args")->weight);
}

TEST(LexicalQuery, AsksForDefinitionsOfWholeNames) {
  const LexicalQuery query = MakeLexicalQuery("where is HTTPServer started");
  EXPECT_NE(Find(query, "=httpserver"), nullptr);
  EXPECT_NE(Find(query, "=started"), nullptr);
  EXPECT_EQ(Find(query, "=http"), nullptr);
  EXPECT_EQ(Find(query, "=where"), nullptr);
}

TEST(LexicalQuery, AsksForOtherFormsWithLessWeight) {
  const LexicalQuery query = MakeLexicalQuery("parsing");
  const QueryTerm* asked = Find(query, "parsing");
  const QueryTerm* other = Find(query, "parse");
  ASSERT_NE(asked, nullptr);
  ASSERT_NE(other, nullptr);
  EXPECT_EQ(asked->family, other->family);
  EXPECT_EQ(other->weight, 0);
  EXPECT_GT(other->family_weight, 0);
  EXPECT_LT(other->family_weight, asked->weight / 2);
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
