// The budget, on a clock that moves by the work done.
#include "rerank/budgeted_work.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace coderank {
namespace {

constexpr size_t kDocuments = 100;
constexpr size_t kTokens = 256;

class BudgetTest : public ::testing::Test {
 protected:
  Result<WorkDone> Run(std::optional<double> seconds) {
    now_ = 0;
    pieces_.clear();
    return WorkWithin(
        {.tokens = tokens_, .threads = 2, .seconds = seconds}, rate_, [this] { return now_; },
        [this](size_t begin, size_t end) -> Status {
          pieces_.push_back(end - begin);
          for (size_t i = begin; i < end; ++i) {
            now_ += static_cast<double>(tokens_[i]) / speed_;
          }
          return result_;
        });
  }

  std::vector<size_t> tokens_ = std::vector<size_t>(kDocuments, kTokens);
  double speed_ = 10'000;  // tokens a second: 2.56 s for all
  double now_ = 0;
  Status result_;
  std::vector<size_t> pieces_;
  RateMeter rate_;
};

TEST_F(BudgetTest, WithoutABudgetAllIsOnePiece) {
  const auto first = Run({});
  ASSERT_TRUE(first);
  EXPECT_EQ(first->documents, kDocuments);
  EXPECT_EQ(pieces_.size(), 1U);
  EXPECT_FALSE(first->predicted_seconds) << "nothing was known yet";
  const auto second = Run({});
  ASSERT_TRUE(second && second->predicted_seconds);
  EXPECT_NEAR(*second->predicted_seconds, 2.56, 1e-9);
}

TEST_F(BudgetTest, AnUnknownRateIsMeasuredOnASmallPiece) {
  const auto done = Run(0.8);
  ASSERT_TRUE(done && done->predicted_seconds);
  EXPECT_EQ(pieces_.front(), 2U);  // one for each thread
  EXPECT_NEAR(*done->predicted_seconds, 2.56, 1e-9);
  EXPECT_LE(now_, 0.8);
  // More than what is left at the end would have taken it over.
  EXPECT_GT(now_, 0.8 * 0.9 - 0.0256);
  EXPECT_LT(done->documents, kDocuments);
}

TEST_F(BudgetTest, AKnownRateIsUsedAtOnce) {
  ASSERT_TRUE(Run({}));
  const auto done = Run(0.5);
  ASSERT_TRUE(done);
  EXPECT_EQ(pieces_.front(), 8U);  // 1024 tokens for each thread
  EXPECT_LE(now_, 0.5);
  EXPECT_GE(done->documents, 17U);
  EXPECT_EQ(std::accumulate(pieces_.begin(), pieces_.end(), size_t{0}), done->documents);
}

TEST_F(BudgetTest, NothingIsStartedThatCannotEnd) {
  ASSERT_TRUE(Run({}));
  const auto done = Run(0.02);  // a document takes 0.0256
  ASSERT_TRUE(done);
  EXPECT_EQ(done->documents, 0U);
  EXPECT_NEAR(*done->predicted_seconds, 2.56, 1e-9);
  EXPECT_EQ(Run(0.0)->documents, 0U);
  EXPECT_EQ(Run(-1.0)->documents, 0U);
}

TEST_F(BudgetTest, AWideBudgetTakesAll) {
  const auto done = Run(10);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->documents, kDocuments);
  EXPECT_NEAR(now_, 2.56, 1e-9);
}

// The machine has become ten times slower: the first piece is too long, and ends the list.
TEST_F(BudgetTest, ASlowerMachineIsNoticedAfterOnePiece) {
  ASSERT_TRUE(Run({}));
  speed_ /= 10;
  const auto done = Run(1.0);
  ASSERT_TRUE(done);
  EXPECT_EQ(pieces_.size(), 1U);
  // Each piece halves what the rate is wrong by; after three an eighth is left.
  Run(1.0).value();
  Run(1.0).value();
  const auto later = Run(1.0);
  ASSERT_TRUE(later);
  EXPECT_LE(now_, 1.0);
  EXPECT_GT(later->documents, 0U);
}

TEST_F(BudgetTest, LongDocumentsAreTakenOneByOne) {
  tokens_.assign(3, 5000);  // longer than a piece
  const auto done = Run(10);
  ASSERT_TRUE(done);
  EXPECT_EQ(pieces_, (std::vector<size_t>{1, 1, 1}));
}

TEST_F(BudgetTest, AnErrorEndsIt) {
  result_ = Cancelled("stop");
  const auto done = Run(1.0);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), StatusCode::kCancelled);
  EXPECT_EQ(pieces_.size(), 1U);
}

TEST(EmptyListTest, IsDone) {
  RateMeter rate;
  const auto done = WorkWithin(
      {.tokens = {}, .seconds = 1}, rate, [] { return 0.0; },
      [](size_t, size_t) { return Cancelled("called"); });
  ASSERT_TRUE(done);
  EXPECT_EQ(done->documents, 0U);
}

}  // namespace
}  // namespace coderank
