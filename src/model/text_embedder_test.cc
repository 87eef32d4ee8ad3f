#include "model/text_embedder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <thread>

#include "model/architectures.h"
#include "model/model_test_util.h"
#include "support/temp_dir.h"

namespace coderank {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class TextEmbedderTest : public ::testing::Test {
 protected:
  TextEmbedderTest() : record_(*DeriveModelRecord(SmallModel("mean_gelu"), "small")) {}

  Result<std::unique_ptr<SentenceEncoder>> Encoder() {
    return LoadSentenceEncoder(SmallModel("mean_gelu"), record_, *AvailableKernelSets().back(),
                               pool_);
  }
  std::unique_ptr<TextEmbedder> Embedder() {
    return *TextEmbedder::Make(std::make_unique<WordTokenizer>(97), *Encoder(), record_, pool_);
  }

  ThreadPool pool_{2};
  ModelRecord record_;
};

TEST_F(TextEmbedderTest, PromptsStandBeforeTheText) {
  const auto embedder = Embedder();
  const auto query = embedder->EmbedQuery("w1 w2");
  ASSERT_TRUE(query) << query.error().message();
  // "find code: w1 w2" and "code: w1 w2": unknown words are 1.
  EXPECT_THAT(query->token_ids, ElementsAre(2, 1, 1, 6, 7, 3));
  const std::string_view text = "w1 w2";
  const auto documents = embedder->EmbedDocuments({&text, 1});
  ASSERT_TRUE(documents);
  EXPECT_THAT(documents->front().token_ids, ElementsAre(2, 1, 6, 7, 3));
  EXPECT_NE(query->vector, documents->front().vector);
}

TEST_F(TextEmbedderTest, DocumentsKeepTheirOrder) {
  const auto embedder = Embedder();
  const std::vector<std::string_view> texts{"w1", "w2 w3 w4 w5", "", "w6 w7"};
  const auto together = embedder->EmbedDocuments(texts);
  ASSERT_TRUE(together);
  ASSERT_EQ(together->size(), texts.size());
  for (size_t i = 0; i < texts.size(); ++i) {
    const auto alone = embedder->EmbedDocuments({&texts[i], 1});
    ASSERT_TRUE(alone);
    EXPECT_EQ(alone->front().vector, (*together)[i].vector) << i;
  }
}

TEST_F(TextEmbedderTest, EmptyTextAndNoTextsAreFine) {
  const auto embedder = Embedder();
  const auto query = embedder->EmbedQuery("");
  ASSERT_TRUE(query);
  EXPECT_EQ(query->vector.size(), embedder->dimension());
  const auto none = embedder->EmbedDocuments(std::span<const std::string_view>());
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->empty());
}

TEST_F(TextEmbedderTest, LongTextIsCutAndSaysSo) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "w1 ";
  const auto query = Embedder()->EmbedQuery(text);
  ASSERT_TRUE(query);
  EXPECT_TRUE(query->truncated);
  EXPECT_EQ(query->token_ids.size(), record_.max_length);
}

double Length(const std::vector<float>& v) {
  return std::sqrt(std::inner_product(v.begin(), v.end(), v.begin(), 0.0));
}

TEST_F(TextEmbedderTest, NormalisationCanBeLeftOut) {
  const auto embedder = Embedder();
  const auto unit = embedder->EmbedQuery("w1 w2");
  const std::string_view text = "w1 w2";
  const auto raw = embedder->Embed(TextRole::kQuery, {&text, 1}, {.normalize = false}, nullptr);
  ASSERT_TRUE(unit && raw);
  EXPECT_NEAR(Length(unit->vector), 1, 1e-6);
  EXPECT_GT(std::fabs(Length(raw->front().vector) - 1), 0.01);
  EXPECT_NEAR(Cosine(unit->vector, raw->front().vector), 1, 1e-6);
}

// Search compares by cosine: a model whose own modules do not normalise is no exception.
TEST_F(TextEmbedderTest, VectorsAreUnitLengthWhateverTheRecordSays) {
  record_.normalize = false;
  const auto embedder = Embedder();
  const auto query = embedder->EmbedQuery("w1 w2");
  const std::string_view text = "w1 w2";
  const auto documents = embedder->EmbedDocuments({&text, 1});
  ASSERT_TRUE(query && documents);
  EXPECT_NEAR(Length(query->vector), 1, 1e-6);
  EXPECT_NEAR(Length(documents->front().vector), 1, 1e-6);
}

TEST_F(TextEmbedderTest, TokenizerLargerThanTheModelIsRefused) {
  const auto embedder =
      TextEmbedder::Make(std::make_unique<WordTokenizer>(98), *Encoder(), record_, pool_);
  ASSERT_FALSE(embedder);
  EXPECT_EQ(embedder.error().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(embedder.error().message(), HasSubstr("at most 97 ids (vocab_size), found 98"));
}

TEST_F(TextEmbedderTest, CancellationStopsTheWork) {
  const auto embedder = Embedder();
  CancellationToken cancel;
  cancel.Cancel();
  EXPECT_EQ(embedder->EmbedQuery("w1", &cancel).error().code(), StatusCode::kCancelled);
  const std::vector<std::string_view> texts(50, "w1 w2");
  EXPECT_EQ(embedder->EmbedDocuments(texts, &cancel).error().code(), StatusCode::kCancelled);
}

TEST_F(TextEmbedderTest, CallsMayOverlap) {
  const auto embedder = Embedder();
  const std::vector<std::string_view> texts{"w1 w2", "w3", "w4 w5 w6 w7", "w8 w9"};
  const auto expected = embedder->EmbedDocuments(texts);
  ASSERT_TRUE(expected);
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&] {
      for (int round = 0; round < 5; ++round) {
        const auto found = embedder->EmbedDocuments(texts);
        ASSERT_TRUE(found);
        for (size_t i = 0; i < texts.size(); ++i) {
          EXPECT_EQ((*found)[i].vector, (*expected)[i].vector);
        }
      }
    });
  }
  for (auto& caller : callers) caller.join();
}

TEST_F(TextEmbedderTest, IdsAndLengthsAreChecked) {
  const auto encoder = *Encoder();
  EXPECT_THAT(encoder->Encode(Views({{1, 97}})).error().message(),
              HasSubstr("expected token ids below 97, found 97"));
  EXPECT_THAT(encoder->Encode(Views({{-1}})).error().message(), HasSubstr("found -1"));
  EXPECT_THAT(encoder->Encode(Views({std::vector<int32_t>(41, 1)})).error().message(),
              HasSubstr("expected 1 to 40 tokens, found 41"));
  EXPECT_FALSE(encoder->Encode(Views({{}})));
}

TEST_F(TextEmbedderTest, ChangedFilesAreNoticedAtOpening) {
  const testing::TempDir folder;
  std::filesystem::copy(SmallModel("mean_gelu"), folder.path(),
                        std::filesystem::copy_options::recursive);
  folder.Write("vocab.txt", "shorter");
  const auto encoder =
      LoadSentenceEncoder(folder.path(), record_, *AvailableKernelSets().back(), pool_);
  ASSERT_FALSE(encoder);
  EXPECT_THAT(encoder.error().message(), HasSubstr("vocab.txt"));
}

TEST(ArchitecturesTest, UnknownArchitectureListsTheKnown) {
  EXPECT_TRUE(FindArchitecture("bert"));
  const auto unknown = FindArchitecture("t5");
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message(), HasSubstr("expected one of bert"));
}

}  // namespace
}  // namespace coderank
