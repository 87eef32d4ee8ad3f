// The bootstrap against what is known without it: equal runs, a clear difference, pure noise, and
// the normal approximation of a mean. And the pairing of two runs.
#include "evaluation/bootstrap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "evaluation/compare.h"

namespace coderank::evaluation {
namespace {

using ::testing::HasSubstr;

using Strata = std::vector<std::vector<double>>;

TEST(PairedBootstrapTest, EqualRunsDifferByChance) {
  const BootstrapResult result = PairedBootstrap(Strata{{0, 0, 0}, {0}});
  EXPECT_EQ(result.difference, 0);
  EXPECT_EQ(result.low, 0);
  EXPECT_EQ(result.high, 0);
  EXPECT_EQ(result.p, 1);
  EXPECT_EQ(PairedBootstrap({}).p, 1);
}

TEST(PairedBootstrapTest, TheSameOnEveryQueryIsNoChance) {
  const BootstrapResult result = PairedBootstrap(Strata{{0.1, 0.1, 0.1}, {0.1, 0.1}});
  EXPECT_NEAR(result.difference, 0.1, 1e-15);
  EXPECT_NEAR(result.low, 0.1, 1e-15);
  EXPECT_NEAR(result.p, 1 / 10'001.0, 1e-12);
}

TEST(PairedBootstrapTest, StrataWeighTheSame) {
  EXPECT_NEAR(PairedBootstrap(Strata{{1, 1, 1, 1}, {0}, {}}).difference, 0.5, 1e-15);
}

// Of n = 400 values +-1 the mean's standard deviation is s = sqrt(1 - mean^2) / 20. The quantiles
// of 10,000 resamples lie within 4 of their own standard deviations, sqrt(q (1 - q) / 10,000) / f
// with the normal density f at the quantile: 0.0272 s at 2.5 %, so 0.11 s, and the step of the
// mean, 2 / 400 = 0.1 s, adds one more step.
TEST(PairedBootstrapTest, AgreesWithTheNormalApproximation) {
  std::vector<double> values(400, -1);
  std::fill(values.begin(), values.begin() + 220, 1);  // mean 0.1
  const BootstrapResult result = PairedBootstrap(Strata{values});
  const double s = std::sqrt(1 - 0.01) / 20;
  EXPECT_NEAR(result.difference, 0.1, 1e-12);
  EXPECT_NEAR(result.low, 0.1 - 1.96 * s, 0.21 * s);
  EXPECT_NEAR(result.high, 0.1 + 1.96 * s, 0.21 * s);
  // Two-sided normal p of 0.1 / s = 2.01 is 0.044; half a step of the mean either way is 0.039 to
  // 0.050, and 10,000 resamples add 4 sqrt(0.05 * 0.95 / 10,000) = 0.009.
  EXPECT_NEAR(result.p, 0.0445, 0.015);
}

TEST(PairedBootstrapTest, RepeatsForASeed) {
  const Strata strata = {{0.5, -0.25, 0.1, 0, 0.3}, {-0.5, 0.25}};
  const BootstrapResult first = PairedBootstrap(strata);
  const BootstrapResult second = PairedBootstrap(strata);
  EXPECT_EQ(first.p, second.p);
  EXPECT_EQ(first.low, second.low);
  EXPECT_NE(PairedBootstrap(strata, {.seed = 2}).p, first.p);
}

QueryRun QueryWith(const std::string& id, double ndcg) {
  QueryRun query{.id = id, .text = "text of " + id};
  query.measures[kNdcg] = ndcg;
  return query;
}

EvaluationRun RunWith(const std::vector<double>& first, const std::vector<double>& second) {
  EvaluationRun run;
  for (const auto& values : {first, second}) {
    RepositoryRun repository{.name = "r" + std::to_string(run.repositories.size())};
    for (const double value : values) {
      repository.queries.push_back(
          QueryWith(repository.name + "/" + std::to_string(repository.queries.size() + 1), value));
    }
    run.repositories.push_back(std::move(repository));
  }
  return run;
}

TEST(CompareTest, PairsQueriesAndNamesWhatChanged) {
  const auto comparison = Compare(RunWith({1, 0.5}, {0}), RunWith({0.5, 0.5}, {1}));
  ASSERT_TRUE(comparison);
  const MeasureComparison& ndcg = comparison->measures[kNdcg];
  EXPECT_EQ(ndcg.a, 0.375);
  EXPECT_EQ(ndcg.b, 0.75);
  EXPECT_EQ(ndcg.bootstrap.difference, 0.375);
  EXPECT_EQ(ndcg.better, 1U);
  EXPECT_EQ(ndcg.worse, 1U);
  EXPECT_EQ(comparison->queries, 3U);
  ASSERT_EQ(comparison->changed.size(), 2U);
  EXPECT_EQ(comparison->changed[0].id, "r0/1");
  EXPECT_EQ(comparison->changed[1].id, "r1/1");
  EXPECT_EQ(comparison->repositories[0].b, 0.5);
}

TEST(CompareTest, RefusesRunsThatAreNotPaired) {
  const EvaluationRun run = RunWith({1, 0.5}, {0});
  EXPECT_THAT(Compare(run, RunWith({1}, {0})).error().message(), HasSubstr("query r0/2"));
  EXPECT_THAT(Compare(RunWith({1}, {0}), run).error().message(), HasSubstr("only in the second"));
  EvaluationRun other = run;
  other.repositories[0].queries[0].text = "another";
  EXPECT_THAT(Compare(run, other).error().message(), HasSubstr("two texts"));
  other = run;
  other.cutoff = 5;
  EXPECT_THAT(Compare(run, other).error().message(), HasSubstr("found 10 and 5"));
}

}  // namespace
}  // namespace coderank::evaluation
