#include "search/ranking.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace coderank {
namespace {

using ::testing::ElementsAre;

// Candidates with paths of their own, unless said.
Candidate Make(std::string path, double lexical, std::string definitions = {}) {
  Candidate candidate;
  candidate.chunk.file_id = static_cast<int64_t>(std::hash<std::string>()(path) >> 1);
  candidate.chunk.path = std::move(path);
  candidate.chunk.start_line = 1;
  candidate.chunk.definitions = std::move(definitions);
  candidate.lexical = lexical;
  return candidate;
}

std::vector<std::string> Order(std::string_view query, const std::vector<Candidate>& candidates,
                               const RankingContext& context = {}, size_t count = 10) {
  std::vector<std::string> paths;
  for (const RankedCandidate& ranked : Rank(AnalyseQuery(query), candidates, context, count)) {
    paths.push_back(candidates[ranked.index].chunk.path);
  }
  return paths;
}

TEST(RankingTest, ADefinitionPrecedesItsUses) {
  EXPECT_THAT(Order("Session", {Make("uses.py", 9), Make("b.py", 1, "Session get"),
                                Make("similar.py", 1, "session")}),
              ElementsAre("b.py", "similar.py", "uses.py"));
}

TEST(RankingTest, TheScopeDecidesBetweenDefinitionsOfOneName) {
  std::vector<Candidate> candidates = {Make("a.py", 5, "close"), Make("b.py", 4, "close")};
  candidates[1].chunk.scope = "http.Server";
  EXPECT_THAT(Order("Server.close", candidates), ElementsAre("b.py", "a.py"));
}

TEST(RankingTest, FilesNamedByTheQuestionComeFirst) {
  EXPECT_THAT(Order("how are cookies stored", {Make("a.py", 4), Make("cookie_storage.py", 3)}),
              ElementsAre("cookie_storage.py", "a.py"));
  EXPECT_THAT(Order("adapters.py", {Make("a.py", 4), Make("src/adapters.py", 1)}),
              ElementsAre("src/adapters.py", "a.py"));
}

TEST(RankingTest, KindsOfFileAreHeldBackUnlessAskedFor) {
  std::vector<Candidate> candidates = {Make("x.py", 5), Make("y.py", 4)};
  candidates[0].chunk.traits = kTraitTest;
  EXPECT_THAT(Order("session reuse", candidates), ElementsAre("y.py", "x.py"));
  EXPECT_THAT(Order("tests of session reuse", candidates), ElementsAre("x.py", "y.py"));
  EXPECT_THAT(Order("session reuse", candidates, {.sources = {{.common_traits = kTraitTest}}}),
              ElementsAre("x.py", "y.py"));
}

TEST(RankingTest, FurtherChunksOfAFileStepBack) {
  std::vector<Candidate> candidates;
  for (uint32_t line = 1; line <= 3; ++line) {
    candidates.push_back(Make("a.py", 10.0 - line));
    candidates.back().chunk.start_line = line;
  }
  candidates.push_back(Make("b.py", 5));
  EXPECT_THAT(Order("session reuse", candidates), ElementsAre("a.py", "b.py", "a.py", "a.py"));
}

TEST(RankingTest, VectorsDecideWhereWordsDoNot) {
  std::vector<Candidate> candidates = {Make("a.py", 0), Make("b.py", 0), Make("c.py", 0)};
  candidates[0].cosine = 0.3F;
  candidates[1].cosine = 0.5F;
  EXPECT_THAT(Order("session reuse", candidates, {.sources = {{.mean_cosine = 0.1F}}}),
              ElementsAre("b.py", "a.py"));
  // Both lie below the mean: still the nearer one first.
  EXPECT_THAT(Order("session reuse", candidates, {.sources = {{.mean_cosine = 0.6F}}}),
              ElementsAre("b.py", "a.py"));
  // Without vectors nothing speaks for any of them.
  EXPECT_TRUE(Order("session reuse", candidates, {.mode = SearchMode::kLexical}).empty());
}

TEST(RankingTest, WhatHasNoVectorYetIsTakenForTheUsual) {
  std::vector<Candidate> candidates;
  for (int i = 0; i < 10; ++i) {
    candidates.push_back(Make("like" + std::to_string(i), 9, "parse_heading"));
    candidates.back().cosine = 0.5F + 0.01F * static_cast<float>(i);
  }
  candidates.push_back(Make("written just now", 9, "parse_header"));
  const RankingContext context = {.sources = {{.mean_cosine = 0.1F}}};
  EXPECT_THAT(Order("parse_header", candidates, context, 1), ElementsAre("written just now"));
  // Between those of the same words that are nearer than usual and farther.
  const std::vector<std::string> order = Order("parse a heading", candidates, context, 11);
  EXPECT_EQ(order[0], "like9");
  EXPECT_NE(order[10], "written just now");
}

TEST(RankingTest, CandidatesOfSeveralIndexesAreComparedByTheirOwnMeans) {
  std::vector<Candidate> candidates = {Make("a.py", 0), Make("b.py", 0)};
  candidates[0].cosine = 0.6F;  // 0.1 above what everything there has
  candidates[1].cosine = 0.5F;  // 0.3 above
  candidates[1].source = 1;
  const RankingContext context = {.sources = {{.mean_cosine = 0.5F}, {.mean_cosine = 0.2F}}};
  EXPECT_THAT(Order("session reuse", candidates, context), ElementsAre("b.py", "a.py"));
}

TEST(RankingTest, EqualFileIdsOfTwoIndexesAreTwoFiles) {
  std::vector<Candidate> candidates = {Make("a.py", 10), Make("b.py", 9), Make("c.py", 8)};
  for (Candidate& candidate : candidates) candidate.chunk.file_id = 1;
  candidates[2].source = 1;
  const RankingContext context = {.sources = {SourceContext{}, SourceContext{}}};
  EXPECT_THAT(Order("session reuse", candidates, context), ElementsAre("a.py", "c.py", "b.py"));
}

TEST(RankingTest, SemanticEvidenceAloneIgnoresWords) {
  std::vector<Candidate> candidates = {Make("a.py", 9), Make("b.py", 1)};
  candidates[0].cosine = 0.2F;
  candidates[1].cosine = 0.5F;
  EXPECT_THAT(Order("session reuse", candidates,
                    {.mode = SearchMode::kSemantic, .sources = {{.mean_cosine = 0.1F}}}),
              ElementsAre("b.py", "a.py"));
}

TEST(RankingTest, EqualScoresAreOrderedByPathAndLine) {
  std::vector<Candidate> candidates = {Make("c.py", 1), Make("a.py", 1), Make("b.py", 1)};
  EXPECT_THAT(Order("session reuse", candidates), ElementsAre("a.py", "b.py", "c.py"));
}

TEST(RankingTest, TheOrderOfCandidatesDoesNotMatter) {
  std::mt19937 random(7);
  std::vector<Candidate> candidates;
  for (int i = 0; i < 60; ++i) {
    candidates.push_back(Make("f" + std::to_string(i % 17) + ".py", i % 5, i % 7 ? "" : "reuse"));
    candidates.back().chunk.start_line = static_cast<uint32_t>(i);
    candidates.back().cosine = static_cast<float>(i % 11) / 11;
  }
  const auto lines = [&] {
    std::vector<std::pair<std::string, uint32_t>> out;
    for (const auto& ranked : Rank(AnalyseQuery("session reuse"), candidates, {}, 20)) {
      out.emplace_back(candidates[ranked.index].chunk.path,
                       candidates[ranked.index].chunk.start_line);
    }
    return out;
  };
  const auto before = lines();
  ASSERT_EQ(before.size(), 20U);
  std::shuffle(candidates.begin(), candidates.end(), random);
  EXPECT_EQ(lines(), before);
}

TEST(RankingTest, TermsExplainTheScore) {
  std::vector<Candidate> candidates = {Make("tests/session_reuse.py", 5, "reuse_session"),
                                       Make("b.py", 4)};
  candidates[0].chunk.traits = kTraitTest;
  candidates[0].cosine = 0.4F;
  for (const RankedCandidate& ranked :
       Rank(AnalyseQuery("session reuse"), candidates, {.sources = {{.mean_cosine = 0.1F}}}, 10)) {
    double sum = 0;
    double factor = 1;
    for (const ScoreTerm& term : ranked.terms) {
      if (term.is_factor) {
        factor *= term.value;
      } else {
        sum += term.value;
      }
    }
    EXPECT_GE(ranked.terms.size(), 2U);
    EXPECT_NEAR(sum * factor, ranked.score, 1e-12);
  }
}

TEST(RankingTest, NothingGivesNothing) {
  EXPECT_TRUE(Order("session", {}).empty());
  EXPECT_TRUE(Order("", {Make("a.py", 0)}).empty());
}

}  // namespace
}  // namespace coderank
