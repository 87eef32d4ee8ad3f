// The measures against values worked out by hand. log2(2) = 1, log2(3) = 1.58496, log2(4) = 2,
// log2(5) = 2.32193.
#include "evaluation/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace coderank::evaluation {
namespace {

using ::testing::ElementsAre;

// Sums of a few quotients: far above their rounding, far below a change of any term.
constexpr double kRounding = 1e-12;

RankedResult Chunk(std::string path, uint32_t first = 1, uint32_t last = 10) {
  return {.path = std::move(path), .lines = {.first = first, .last = last}};
}
Target File(std::string path) { return {.path = std::move(path), .lines = {}}; }
Target Lines(std::string path, uint32_t first, uint32_t last) {
  return {.path = std::move(path), .lines = LineSpan{.first = first, .last = last}};
}

TEST(PathsMatchTest, EqualOrEndingAtASlash) {
  EXPECT_TRUE(PathsMatch("a/b.cc", "a/b.cc"));
  EXPECT_TRUE(PathsMatch("root/a/b.cc", "a/b.cc"));
  EXPECT_TRUE(PathsMatch("b.cc", "root/a/b.cc"));
  EXPECT_TRUE(PathsMatch("a\\b.cc", "root/a/b.cc"));
  EXPECT_FALSE(PathsMatch("a/xb.cc", "b.cc"));
  EXPECT_FALSE(PathsMatch("a/b.cc", "c/b.cc"));
  EXPECT_FALSE(PathsMatch("a/b.cc", "a/b.c"));
  EXPECT_FALSE(PathsMatch("a/b.cc", ""));
}

TEST(JudgeChunksTest, TheFirstResultThatCoversATargetGains) {
  const std::vector<RankedResult> results = {Chunk("x.cc"), Chunk("a.cc"), Chunk("a.cc", 20, 30),
                                             Chunk("b.cc")};
  const Judgement judgement =
      JudgeChunks(results, std::vector<Target>{File("a.cc"), File("b.cc"), File("c.cc")});
  EXPECT_THAT(judgement.gains, ElementsAre(0, 1, 0, 1)) << "the second chunk of a.cc gains nothing";
  const Measures measures = MeasuresOf(judgement, 10);
  const double ideal = 1 + 1 / std::log2(3.0) + 0.5;
  EXPECT_NEAR(measures[kNdcg], (1 / std::log2(3.0) + 1 / std::log2(5.0)) / ideal, kRounding);
  EXPECT_EQ(measures[kReciprocalRank], 0.5);
  EXPECT_NEAR(measures[kRecall], 2.0 / 3, kRounding);
  EXPECT_EQ(measures[kSuccessAt1], 0);
  EXPECT_EQ(measures[kSuccess], 1);
}

TEST(JudgeChunksTest, TargetsOfOneResultShareItsGainAndCountForTheIdeal) {
  const Judgement judgement = JudgeChunks(
      std::vector<RankedResult>{Chunk("a.cc", 1, 50)},
      std::vector<Target>{Lines("a.cc", 3, 5), Lines("a.cc", 50, 60), Lines("a.cc", 51, 60)});
  EXPECT_THAT(judgement.gains, ElementsAre(1));
  EXPECT_THAT(judgement.found, ElementsAre(2)) << "lines 51 to 60 are not touched";
  const Measures measures = MeasuresOf(judgement, 10);
  EXPECT_NEAR(measures[kNdcg], 1 / (1 + 1 / std::log2(3.0) + 0.5), kRounding);
  EXPECT_NEAR(measures[kRecall], 2.0 / 3, kRounding);
}

TEST(JudgeChunksTest, LinesTouchAtTheirEnds) {
  const auto covers = [](uint32_t first, uint32_t last) {
    return JudgeChunks(std::vector<RankedResult>{Chunk("a.cc", first, last)},
                       std::vector<Target>{Lines("a.cc", 10, 20)})
               .gains[0] > 0;
  };
  EXPECT_FALSE(covers(1, 9));
  EXPECT_TRUE(covers(1, 10));
  EXPECT_TRUE(covers(20, 30));
  EXPECT_FALSE(covers(21, 30));
  EXPECT_FALSE(covers(0, 0)) << "a result without lines covers no lines";
}

// Grades as trec_eval counts them: the grade itself is the gain. Ranking d3 (grade 3), x, d1 (1),
// d2 (2) with judgements 3, 2, 1: DCG = 3 + 1/2 + 2/log2(5), ideal = 3 + 2/log2(3) + 1/2.
TEST(JudgeDocumentsTest, GradesAreGains) {
  std::vector<Target> targets = {File("d1"), File("d2"), File("d3")};
  targets[1].grade = 2;
  targets[2].grade = 3;
  const std::vector<RankedResult> ranking = {Chunk("d3"), Chunk("dir/d2"), Chunk("d1"),
                                             Chunk("d2")};
  const Judgement judgement = JudgeDocuments(ranking, targets);
  EXPECT_THAT(judgement.gains, ElementsAre(3, 0, 1, 2)) << "ids are no paths";
  const Measures measures = MeasuresOf(judgement, 10);
  EXPECT_NEAR(measures[kNdcg], (3 + 0.5 + 2 / std::log2(5.0)) / (3 + 2 / std::log2(3.0) + 0.5),
              kRounding);
  EXPECT_EQ(measures[kReciprocalRank], 1);
  EXPECT_EQ(measures[kRecall], 1);
  EXPECT_EQ(measures[kSuccessAt1], 1);
}

TEST(MeasuresOfTest, NothingBelowTheCutoffCounts) {
  const std::vector<RankedResult> results = {Chunk("x"), Chunk("y"), Chunk("a")};
  const Judgement judgement = JudgeChunks(results, std::vector<Target>{File("a"), File("b")});
  EXPECT_EQ(MeasuresOf(judgement, 2), Measures{});
  EXPECT_NEAR(MeasuresOf(judgement, 3)[kNdcg], 0.5 / (1 + 1 / std::log2(3.0)), kRounding);
  // With one position the ideal has one too.
  EXPECT_EQ(MeasuresOf(JudgeChunks(results, std::vector<Target>{File("x"), File("b")}), 1)[kNdcg],
            1);
}

TEST(MeasuresOfTest, WithoutTargetsOrResultsAllIsZero) {
  EXPECT_EQ(MeasuresOf(JudgeChunks(std::vector<RankedResult>{Chunk("a")}, {}), 10), Measures{});
  EXPECT_EQ(MeasuresOf(JudgeChunks({}, std::vector<Target>{File("a")}), 10), Measures{});
}

TEST(BestOfEachDocumentTest, KeepsTheFirst) {
  const std::vector<RankedResult> best = BestOfEachDocument(
      std::vector<RankedResult>{Chunk("a", 5), Chunk("b"), Chunk("a", 1), Chunk("c")});
  ASSERT_EQ(best.size(), 3U);
  EXPECT_EQ(best[0].lines.first, 5U);
  EXPECT_EQ(best[1].path, "b");
  EXPECT_EQ(best[2].path, "c");
}

TEST(MeanOfTest, OfEachMeasure) {
  const Measures mean = MeanOf(std::vector<Measures>{{1, 0.5, 0, 0, 1}, {0, 0.5, 1, 0, 1}});
  EXPECT_EQ(mean, (Measures{0.5, 0.5, 0.5, 0, 1}));
  EXPECT_EQ(MeanOf({}), Measures{});
}

TEST(PercentileTest, BetweenClosestRanks) {
  EXPECT_EQ(Percentile({4, 1, 3, 2}, 0.5), 2.5);
  EXPECT_EQ(Percentile({4, 1, 3, 2}, 0), 1);
  EXPECT_EQ(Percentile({4, 1, 3, 2}, 1), 4);
  EXPECT_EQ(Percentile({}, 0.5), 0);
}

}  // namespace
}  // namespace coderank::evaluation
