#include "rerank/ranking_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <random>
#include <string>

#include "rerank/scripted_decoder_testing.h"

namespace coderank {
namespace {

using ::testing::ElementsAre;

constexpr int32_t kPrompt[] = {'p', 'q'};

// Logits that a hash of the tokens so far decides: no model of any kind.
std::vector<float> Noise(std::span<const int32_t> tokens, uint32_t seed) {
  for (const int32_t token : tokens) seed = seed * 31 + static_cast<uint32_t>(token);
  std::mt19937 random(seed);
  std::vector<float> logits(kScriptVocabulary);
  for (float& logit : logits) logit = static_cast<float>(random() % 1000);
  return logits;
}

class AnswerTest : public ::testing::Test {
 protected:
  AnswerTest() : alphabet_(*RankingAlphabet::Make(*tokenizer_, 10)) {}

  void Script(ScriptedDecoder::Next next) {
    decoder_ = std::make_shared<ScriptedDecoder>(std::move(next));
    text_.emplace(decoder_, pool_, 4096);
    ASSERT_TRUE(text_->Prefill(std::span(kPrompt).first(1)).ok());
  }
  RankingAnswer Constrained(size_t passages) {
    const auto answer = AnswerConstrained(alphabet_, passages, std::span(kPrompt).last(1), *text_);
    EXPECT_TRUE(answer) << answer.error().message();
    return *answer;
  }
  RankingAnswer Free(size_t passages) {
    const auto answer = AnswerFreely(alphabet_, *tokenizer_, kEndMarker, passages,
                                     std::span(kPrompt).last(1), *text_);
    EXPECT_TRUE(answer) << answer.error().message();
    return *answer;
  }
  // Writes `answer` and then the end, whatever it is made to read besides.
  void ScriptText(const std::string& answer) {
    Script([answer](std::span<const int32_t> tokens) {
      std::vector<float> logits(kScriptVocabulary, 0);
      const size_t written = tokens.size() - std::size(kPrompt);
      logits[written < answer.size() ? static_cast<unsigned char>(answer[written]) : kEndMarker] =
          1;
      return logits;
    });
  }

  ThreadPool pool_{1};
  std::shared_ptr<const BytePairTokenizer> tokenizer_ = ByteTokenizer();
  RankingAlphabet alphabet_;
  std::shared_ptr<ScriptedDecoder> decoder_;
  std::optional<Generator> text_;
};

TEST_F(AnswerTest, ConstrainedIsAnOrderWhateverTheModelWrites) {
  for (uint32_t seed = 0; seed < 300; ++seed) {
    for (size_t passages = 2; passages <= 10; ++passages) {
      Script([seed](std::span<const int32_t> tokens) { return Noise(tokens, seed); });
      RankingAnswer answer = Constrained(passages);
      EXPECT_LE(answer.steps, passages);
      std::sort(answer.order.begin(), answer.order.end());
      std::vector<size_t> all(passages);
      std::iota(all.begin(), all.end(), size_t{0});
      ASSERT_EQ(answer.order, all) << "seed " << seed;
    }
  }
}

TEST_F(AnswerTest, ConstrainedReadsTheFixedTextWithTheNameBeforeIt) {
  std::vector<std::string> read;
  Script([&](std::span<const int32_t> tokens) {
    read.emplace_back(tokens.begin(), tokens.end());
    std::vector<float> logits(kScriptVocabulary, 0);
    logits['2'] = 3;
    logits['3'] = 2;
    logits['1'] = 1;
    logits[kEndMarker] = 9;  // would end a free answer
    return logits;
  });
  const RankingAnswer answer = Constrained(3);
  EXPECT_THAT(answer.order, ElementsAre(1, 2, 0));
  EXPECT_EQ(answer.steps, 1U);  // the first name comes with the prompt, the last is the one left
  EXPECT_THAT(read, ElementsAre("p", "pq[", "pq[2] > ["));
}

// 1 and 10 begin alike: what follows the 1 decides, one step later.
TEST_F(AnswerTest, NamesOfTwoDigitsAreToldApart) {
  for (const bool ten : {true, false}) {
    Script([&](std::span<const int32_t> tokens) {
      std::vector<float> logits(kScriptVocabulary, 0);
      logits['1'] = 5;
      logits[static_cast<size_t>(ten ? '0' : ']')] = tokens.back() == '1' ? 9.0F : 0.0F;
      for (int32_t c = '2'; c <= '9'; ++c) logits[static_cast<size_t>(c)] = 1;
      return logits;
    });
    const RankingAnswer answer = Constrained(10);
    EXPECT_EQ(answer.order[0], ten ? 9U : 0U);
    EXPECT_EQ(answer.order[1], ten ? 0U : 9U);
    EXPECT_EQ(answer.steps, 9U);
    const std::string text(text_->tokens().begin(), text_->tokens().end());
    EXPECT_TRUE(text.starts_with(ten ? "pq[10] > [1] > [" : "pq[1] > [10] > [")) << text;
  }
}

TEST_F(AnswerTest, FreeEndsWithTheTurn) {
  ScriptText("[3] > [1] > [2]");
  const RankingAnswer answer = Free(3);
  EXPECT_THAT(answer.order, ElementsAre(2, 0, 1));
  EXPECT_EQ(answer.steps, 15U);
}

TEST_F(AnswerTest, FreeEndsWithoutAnEnd) {
  Script([](std::span<const int32_t>) {
    std::vector<float> logits(kScriptVocabulary, 0);
    logits['x'] = 1;
    return logits;
  });
  const RankingAnswer answer = Free(3);
  EXPECT_THAT(answer.order, ElementsAre(0, 1, 2));
  EXPECT_LT(answer.steps, 50U);
}

TEST_F(AnswerTest, CanBeCancelled) {
  CancellationToken cancel;
  cancel.Cancel();
  ScriptText("[1]");
  const auto rest = std::span(kPrompt).last(1);
  const auto answer = AnswerConstrained(alphabet_, 3, rest, *text_, &cancel);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), StatusCode::kCancelled);
}

TEST(RankingAlphabetTest, HasToSpellEveryName) {
  EXPECT_TRUE(RankingAlphabet::Make(*ByteTokenizer(), 10));
  for (const char* missing : {"0", "1", "7", "[", "0123456789"}) {
    const auto alphabet = RankingAlphabet::Make(*ByteTokenizer(true, missing), 10);
    ASSERT_FALSE(alphabet) << missing;
    EXPECT_EQ(alphabet.error().code(), StatusCode::kInvalidArgument);
  }
}

TEST(ParseOrderTest, TakesWhatIsThereAndAddsWhatIsNot) {
  EXPECT_THAT(ParseOrder("[2] > [1] > [3]", 3), ElementsAre(1, 0, 2));
  EXPECT_THAT(ParseOrder("", 3), ElementsAre(0, 1, 2));
  EXPECT_THAT(ParseOrder("3", 3), ElementsAre(2, 0, 1));
  EXPECT_THAT(ParseOrder("[2] > [2] > [9] > [0] > [-1]", 3), ElementsAre(1, 0, 2));
  EXPECT_THAT(ParseOrder("99999999999999999999999999 then [3]", 3), ElementsAre(2, 0, 1));
  EXPECT_THAT(ParseOrder("2,3", 0), ElementsAre());
  EXPECT_THAT(ParseOrder(std::string("\0\xFF[2]", 5), 2), ElementsAre(1, 0));
}

}  // namespace
}  // namespace coderank
