// Means by group, and runs as JSON.
#include "evaluation/run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "evaluation/run_json.h"
#include "support/temp_dir.h"

namespace coderank::evaluation {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

QueryRun Scored(std::string id, std::string category, double ndcg, double milliseconds) {
  QueryRun query{.id = std::move(id), .text = "where is it?", .category = std::move(category)};
  query.measures[kNdcg] = ndcg;
  query.milliseconds = milliseconds;
  return query;
}

EvaluationRun ThreeQueries() {
  EvaluationRun run{.dataset = "set", .settings = {{"model", "tiny"}}};
  run.repositories = {{.name = "one", .language = "go"}, {.name = "two", .language = "go"}};
  run.repositories[0].queries = {Scored("one/1", "symbol", 1, 10),
                                 Scored("one/2", "symbol", 0, 20)};
  run.repositories[1].queries = {Scored("two/1", "symbol", 1, 30)};
  run.repositories[1].queries[0].results = {
      {.path = "a b.go", .lines = {.first = 2, .last = 5}, .score = 0.25}};
  return run;
}

TEST(ScoreQueryTest, GivesRanksAndMeasures) {
  const Query query{.id = "q", .text = "t", .category = "c", .targets = {{.path = "b"}}};
  const QueryRun run =
      ScoreQuery(query, Layout::kDocumentCollection, {{.path = "a"}, {.path = "b"}}, 10);
  EXPECT_THAT(run.ranks, ElementsAre(2));
  EXPECT_EQ(run.measures[kReciprocalRank], 0.5);
  EXPECT_EQ(run.targets, 1U);
  EXPECT_EQ(run.results.size(), 2U);
}

TEST(SummariseTest, GroupsAreMeansOverRepositories) {
  const Summary summary = Summarise(ThreeQueries());
  EXPECT_EQ(summary.repositories[0].mean[kNdcg], 0.5);
  EXPECT_EQ(summary.over_repositories.mean[kNdcg], 0.75);
  EXPECT_EQ(summary.over_repositories.queries, 3U);
  EXPECT_NEAR(summary.over_queries.mean[kNdcg], 2.0 / 3, 1e-15);
  ASSERT_EQ(summary.categories.size(), 1U);
  EXPECT_EQ(summary.categories[0].mean[kNdcg], 0.75);
  EXPECT_EQ(summary.languages[0].name, "go");
  EXPECT_EQ(summary.p50_milliseconds, 20);
}

TEST(RunJsonTest, ComesBackAsWritten) {
  const testing::TempDir folder;
  const auto file = folder.path() / "run.json";
  ASSERT_TRUE(WriteRun(ThreeQueries(), file).ok());
  const auto run = ReadRun(file);
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->dataset, "set");
  EXPECT_EQ(run->cutoff, 10U);
  EXPECT_EQ(run->settings.at("model"), "tiny");
  ASSERT_EQ(run->repositories.size(), 2U);
  const QueryRun& query = run->repositories[1].queries[0];
  EXPECT_EQ(query.measures[kNdcg], 1);
  ASSERT_EQ(query.results.size(), 1U);
  EXPECT_EQ(query.results[0].path, "a b.go");
  EXPECT_EQ(query.results[0].lines.last, 5U);
  EXPECT_EQ(query.results[0].score, 0.25);
  EXPECT_EQ(ToJson(*run, false)["mean_over_repositories"]["ndcg"], 0.75);
}

TEST(RunJsonTest, BadRunsNameTheFileAndTheField) {
  const testing::TempDir folder;
  const auto error_of = [&](const std::string& text) {
    folder.Write("run.json", text);
    const auto run = ReadRun(folder.path() / "run.json");
    return run ? "no error" : run.error().message();
  };
  const std::string head = R"({"format": "coderank-eval-1", "dataset": "d", "k": )";
  EXPECT_THAT(error_of("{\n,"), HasSubstr("run.json:2: expected JSON"));
  EXPECT_THAT(error_of("{}"), AllOf(HasSubstr("run.json"), HasSubstr("coderank eval --out")));
  EXPECT_THAT(error_of(head + "0}"), HasSubstr("\"k\": expected a whole number from 1"));
  EXPECT_THAT(error_of(head + "10}"), HasSubstr("\"repositories\": expected an array"));
  EXPECT_THAT(error_of(head + R"(10, "repositories": [{"name": "a", "queries": [{"id": "a/1",
      "query": "x", "ndcg": 2}]}]})"),
              HasSubstr("repositories[0]: queries[0]: \"ndcg\": expected a number from 0 to 1"));
}

}  // namespace
}  // namespace coderank::evaluation
