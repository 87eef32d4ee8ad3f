// Lists of documents "value NN", ranked by a scripted model that always wants the highest value of
// its window next.
#include "rerank/listwise_reranker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <string>

#include "base/strings.h"
#include "rerank/scripted_decoder_testing.h"

namespace coderank {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The values of "[k] value NN" are the logits of k, while k is not in the answer.
std::vector<float> WantHighestValue(std::span<const int32_t> tokens) {
  constexpr std::string_view kLabel = "] value ";
  std::string text;
  for (const int32_t token : tokens) text += token < kStartMarker ? static_cast<char>(token) : '\1';
  const size_t begin = text.rfind("assistant\n");
  const std::string answer = begin == std::string::npos ? "" : text.substr(begin);
  std::vector<float> logits(kScriptVocabulary, 0);
  const auto raise = [&](char byte, float value) {
    float& logit = logits[static_cast<unsigned char>(byte)];
    logit = std::max(logit, value);
  };
  for (size_t at = text.find(kLabel); at != std::string::npos; at = text.find(kLabel, at + 1)) {
    const size_t open = text.rfind('[', at);
    const std::string name = text.substr(open + 1, at - open - 1);
    if (answer.find(StrCat("[", name, "]")) != std::string::npos) continue;
    const auto value = static_cast<float>(std::stoi(text.substr(at + kLabel.size(), 3)));
    const bool second_digit = answer.ends_with("[1");
    if (!second_digit) raise(name[0], value);
    if (second_digit && name == "1") raise(']', value);
    if (second_digit && name == "10") raise('0', value);
  }
  return logits;
}

class ListwiseRerankerTest : public ::testing::Test {
 protected:
  void Make(ScriptedDecoder::Next next = WantHighestValue, size_t positions = 1 << 16) {
    decoder_ = std::make_shared<ScriptedDecoder>(std::move(next), positions);
    auto made =
        ListwiseReranker::Make({.decoder = decoder_, .tokenizer = ByteTokenizer()}, 1 << 20, pool_);
    ASSERT_TRUE(made) << made.error().message();
    reranker_ = *std::move(made);
  }
  void SetValues(const std::vector<int>& values) {
    for (const int value : values) texts_.push_back(StrCat("value ", value));
    documents_.assign(texts_.begin(), texts_.end());
  }
  ListwiseJudgement Rank(const ListwiseOptions& options = {}) {
    auto judgement = reranker_->Rank("which is high", documents_, options);
    EXPECT_TRUE(judgement) << judgement.error().message();
    return *std::move(judgement);
  }

  ThreadPool pool_{1};
  std::shared_ptr<ScriptedDecoder> decoder_;
  std::unique_ptr<ListwiseReranker> reranker_;
  std::vector<std::string> texts_;
  std::vector<std::string_view> documents_;
};

TEST_F(ListwiseRerankerTest, OrdersAWindow) {
  Make();
  SetValues({11, 55, 22, 44, 33});
  const ListwiseJudgement judgement = Rank();
  EXPECT_THAT(judgement.order, ElementsAre(1, 3, 4, 2, 0));
  EXPECT_EQ(judgement.windows, 1U);
  EXPECT_LE(judgement.steps, 5U);
  EXPECT_EQ(judgement.truncated, 0U);
  EXPECT_TRUE(judgement.predicted_seconds);
  EXPECT_GT(judgement.seconds, 0);
}

TEST_F(ListwiseRerankerTest, TheBestOfTheBackComeToTheFront) {
  Make();
  std::vector<int> values;
  for (int i = 0; i < 27; ++i) values.push_back(100 + i * 17 % 27);
  SetValues(values);
  const ListwiseJudgement judgement = Rank();
  EXPECT_EQ(judgement.windows, BackToFront(27).size());
  ASSERT_EQ(judgement.order.size(), 27U);
  // A window hands its better half on.
  for (size_t i = 0; i < kListwiseStep; ++i) {
    EXPECT_EQ(values[judgement.order[i]], 126 - static_cast<int>(i));
  }
  std::vector<size_t> sorted = judgement.order;
  std::sort(sorted.begin(), sorted.end());
  for (size_t i = 0; i < sorted.size(); ++i) EXPECT_EQ(sorted[i], i);
}

TEST_F(ListwiseRerankerTest, WhatPromptsShareIsReadOnce) {
  Make();
  std::vector<int> values(20);
  std::iota(values.begin(), values.end(), 10);
  SetValues(values);
  const ListwiseJudgement judgement = Rank();
  EXPECT_EQ(judgement.windows, 3U);
  // All windows have the instructions up to the first passage in common, some 400 bytes.
  const ListwisePrompt prompt = MakeListwisePrompt(ListwiseTask::kDescription, "which is high", {});
  const size_t shared = prompt.system.size() + prompt.user.find("\n\n");
  constexpr size_t kPassagesAndAnswer = 10 * 14 + 10 * 7 + 60;
  const size_t apart = 3 * (prompt.system.size() + prompt.user.size() + kPassagesAndAnswer);
  EXPECT_LT(decoder_->tokens_read(), apart - 2 * shared);
  EXPECT_EQ(judgement.tokens, decoder_->tokens_read());
}

TEST_F(ListwiseRerankerTest, ShortListsNeedNoModel) {
  Make();
  EXPECT_TRUE(Rank().order.empty());
  SetValues({7});
  EXPECT_THAT(Rank().order, ElementsAre(0));
  EXPECT_EQ(decoder_->passes(), 0U);
}

TEST_F(ListwiseRerankerTest, LongDocumentsAreCutAndCounted) {
  Make();
  SetValues({11, 99});
  texts_[0] += std::string(3000, 'x');
  documents_.assign(texts_.begin(), texts_.end());
  const ListwiseJudgement judgement = Rank();
  EXPECT_THAT(judgement.order, ElementsAre(1, 0));
  EXPECT_EQ(judgement.truncated, 1U);
  EXPECT_LT(judgement.tokens, 2500U);
}

TEST_F(ListwiseRerankerTest, PassagesShrinkUntilThePromptFits) {
  Make(WantHighestValue, 2000);
  SetValues({101, 103, 102});
  for (std::string& text : texts_) text += std::string(900, 'x');
  documents_.assign(texts_.begin(), texts_.end());
  EXPECT_THAT(Rank().order, ElementsAre(1, 2, 0));
  EXPECT_LE(decoder_->tokens_read(), 2000U);
}

TEST_F(ListwiseRerankerTest, AQueryThatLeavesNoRoomIsRefused) {
  Make(WantHighestValue, 2000);
  SetValues({101, 103});
  const auto judgement = reranker_->Rank(std::string(1500, 'q'), documents_);
  ASSERT_FALSE(judgement);
  EXPECT_EQ(judgement.error().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(judgement.error().message(), HasSubstr("shorten it"));
}

TEST_F(ListwiseRerankerTest, NoTimeIsNoJudgement) {
  Make();
  SetValues({11, 55, 22});
  EXPECT_TRUE(Rank({.seconds = 0.0}).order.empty());
  EXPECT_EQ(decoder_->passes(), 0U);
  Rank();  // from here on the rates are known
  const size_t passes = decoder_->passes();
  const ListwiseJudgement judgement = Rank({.seconds = 0.0});
  EXPECT_TRUE(judgement.order.empty());
  EXPECT_EQ(judgement.windows, 0U);
  EXPECT_TRUE(judgement.predicted_seconds) << "what it would take is said nevertheless";
  EXPECT_EQ(decoder_->passes(), passes);
}

TEST_F(ListwiseRerankerTest, TheEstimateComesBeforeTheWindows) {
  Make();
  SetValues(std::vector<int>(20, 50));
  std::vector<ListwiseProgress> reports;
  Rank({.progress = [&](const ListwiseProgress& report) { reports.push_back(report); }});
  ASSERT_GE(reports.size(), 4U);
  EXPECT_EQ(reports.front().documents, 20U);
  EXPECT_EQ(reports.front().tokens_done, 0U);
  EXPECT_GT(reports.front().seconds_left, 0);
  for (size_t i = 1; i < reports.size(); ++i) {
    EXPECT_GE(reports[i].tokens_done, reports[i - 1].tokens_done);
    EXPECT_LE(reports[i].tokens_done, reports[i].tokens_total);
  }
}

TEST_F(ListwiseRerankerTest, CanBeCancelledBetweenPasses) {
  CancellationToken cancel;
  Make([&](std::span<const int32_t> tokens) {
    if (tokens.size() > 500) cancel.Cancel();
    return WantHighestValue(tokens);
  });
  SetValues(std::vector<int>(30, 50));
  const auto judgement = reranker_->Rank("q", documents_, {}, &cancel);
  ASSERT_FALSE(judgement);
  EXPECT_EQ(judgement.error().code(), StatusCode::kCancelled);
  EXPECT_LT(decoder_->tokens_read(), 1000U);
}

TEST_F(ListwiseRerankerTest, FreeAnswersAreOrdersToo) {
  Make([](std::span<const int32_t> tokens) {
    std::vector<float> logits(kScriptVocabulary, 0);
    logits[tokens.back() == '3' ? kEndMarker : '3'] = 1;
    return logits;
  });
  SetValues({11, 55, 22});
  EXPECT_THAT(Rank({.constrained = false}).order, ElementsAre(2, 0, 1));
}

TEST(ListwiseModelTest, MustWriteAndTakeInstructions) {
  ThreadPool pool(1);
  const auto headless = std::make_shared<ScriptedDecoder>(WantHighestValue, 4096, false);
  const auto with_head = std::make_shared<ScriptedDecoder>(WantHighestValue, 4096);
  const auto embedder = ListwiseReranker::Make({headless, ByteTokenizer()}, 4096, pool);
  ASSERT_FALSE(embedder);
  EXPECT_EQ(embedder.error().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(embedder.error().message(), HasSubstr("output layer"));
  const auto plain = ListwiseReranker::Make({with_head, ByteTokenizer(false)}, 4096, pool);
  ASSERT_FALSE(plain);
  EXPECT_THAT(plain.error().message(), HasSubstr("ChatML"));
}

}  // namespace
}  // namespace coderank
