#include "rerank/reranker.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "model/model_test_util.h"

namespace coderank {
namespace {

class RerankerTest : public ::testing::Test {
 protected:
  RerankerTest() {
    const auto record = DeriveModelRecord(SmallModel("pair_gelu"), "judge");
    auto model = LoadCrossEncoder(SmallModel("pair_gelu"), *record, *AvailableKernelSets().back(),
                                  pool_, {});
    reranker_.emplace(*std::move(model));
  }

  ThreadPool pool_{2};
  std::optional<Reranker> reranker_;
  const std::vector<std::string_view> documents_ = {"w1 w2 w3", "w50", "", "w7 w8 none w9"};
};

TEST_F(RerankerTest, JudgesAllDocumentsInTheirOrder) {
  const auto judgement = reranker_->Judge("w3 w4", documents_);
  ASSERT_TRUE(judgement) << judgement.error().message();
  ASSERT_EQ(judgement->documents.size(), documents_.size());
  const std::vector<size_t> tokens = {8, 6, 5, 9};
  for (size_t i = 0; i < documents_.size(); ++i) {
    EXPECT_EQ(judgement->documents[i].tokens, tokens[i]);
    EXPECT_FALSE(judgement->documents[i].truncated);
    const auto alone = reranker_->Judge("w3 w4", {&documents_[i], 1});
    ASSERT_TRUE(alone);
    EXPECT_EQ(alone->documents.front().logit, judgement->documents[i].logit);
  }
}

TEST_F(RerankerTest, SaysWhatWasCut) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "w5 ";
  const std::vector<std::string_view> documents = {"w1", text, text};
  const auto judgement = reranker_->Judge("w3", documents);
  ASSERT_TRUE(judgement);
  EXPECT_FALSE(judgement->documents[0].truncated);
  EXPECT_TRUE(judgement->documents[1].truncated);
  EXPECT_TRUE(judgement->documents[2].truncated);
  EXPECT_EQ(judgement->documents[1].tokens, 40U);  // the model's most
}

TEST_F(RerankerTest, PredictsOnceItHasMeasured) {
  EXPECT_FALSE(reranker_->Judge("w3 w4", documents_)->predicted_seconds);
  const auto second = reranker_->Judge("w3 w4", documents_);
  ASSERT_TRUE(second->predicted_seconds);
  EXPECT_GT(*second->predicted_seconds, 0);
}

TEST_F(RerankerTest, NoTimeIsNoJudgement) {
  const auto judgement = reranker_->Judge("w3 w4", documents_, 0.0);
  ASSERT_TRUE(judgement);
  EXPECT_TRUE(judgement->documents.empty());
}

TEST_F(RerankerTest, CanBeCancelled) {
  CancellationToken cancel;
  cancel.Cancel();
  EXPECT_EQ(reranker_->Judge("w3", documents_, {}, &cancel).error().code(), StatusCode::kCancelled);
}

}  // namespace
}  // namespace coderank
