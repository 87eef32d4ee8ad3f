#include "evaluation/trec_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "support/temp_dir.h"

namespace coderank::evaluation {
namespace {

using ::testing::HasSubstr;

TEST(TrecIdTest, HoldsNoBlanksAndComesBack) {
  EXPECT_EQ(TrecId("src/a.cc"), "src/a.cc");
  EXPECT_EQ(TrecId("a b\t100%\xc3\xa4\n"), "a%20b%09100%25%C3%A4%0A");
  for (const char* id : {"", "plain", "a b", "%41", "100%", "\x7f\xff", "\xe4\xb8\xad/\n"}) {
    EXPECT_EQ(FromTrecId(TrecId(id)), id);
  }
  EXPECT_EQ(FromTrecId("50%, %4x %4"), "50%, %4x %4") << "ids of others need not be escaped";
}

EvaluationRun OneQuery(std::vector<RankedResult> results) {
  EvaluationRun run;
  run.repositories = {{.name = "one"}};
  run.repositories[0].queries = {
      QueryRun{.id = "one/1", .text = "t", .results = std::move(results)}};
  return run;
}

TEST(TrecRunTest, ScoresFallEvenWhereOursAreEqual) {
  const testing::TempDir folder;
  const auto file = folder.path() / "run.trec";
  const EvaluationRun run =
      OneQuery({{.path = "a b.cc", .lines = {.first = 1, .last = 9}, .score = 0.5},
                {.path = "c.cc", .lines = {.first = 3, .last = 4}, .score = 0.5}});
  ASSERT_TRUE(WriteTrecRun(run, "my tag", file).ok());
  EXPECT_EQ(*ReadFile(file, 1000),
            "one/1 Q0 a%20b.cc:1-9 1 2 my%20tag\none/1 Q0 c.cc:3-4 2 1 my%20tag\n");
  const auto back = ReadTrecRun(file, Layout::kAnnotatedTrees);
  ASSERT_TRUE(back) << back.error().message();
  const auto& results = back->at("one/1");
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[0].path, "a b.cc");
  EXPECT_EQ(results[0].lines.last, 9U);
  EXPECT_EQ(results[1].path, "c.cc");
}

TEST(TrecRunTest, OrdersAsTrecEvalDoes) {
  const testing::TempDir folder;
  folder.Write("run", "q Q0 low 1 0.5 t\nq\tQ0\ta:1 2  1e1 t\n\nq Q0 b 3 10 t\r\n");
  const auto run = ReadTrecRun(folder.path() / "run", Layout::kDocumentCollection);
  ASSERT_TRUE(run) << run.error().message();
  const auto& results = run->at("q");
  ASSERT_EQ(results.size(), 3U);
  EXPECT_EQ(results[0].path, "b") << "equal scores by falling document id";
  EXPECT_EQ(results[1].path, "a:1");
  EXPECT_EQ(results[2].path, "low");
}

TEST(TrecRunTest, BadLinesAreNamed) {
  const testing::TempDir folder;
  for (const char* bad : {"q Q0 d 1 x t", "q Q0 d 1 nan t", "q Q0 d 1 1", "q Q0 d 1 1 t more"}) {
    folder.Write("run", std::string("q Q0 d 1 2 t\n") + bad);
    EXPECT_THAT(ReadTrecRun(folder.path() / "run", Layout::kDocumentCollection).error().message(),
                HasSubstr("run:2: expected \"query Q0 document rank score tag\""))
        << bad;
  }
}

}  // namespace
}  // namespace coderank::evaluation
