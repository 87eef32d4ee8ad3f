// A decoder as an embedder: its pooled vectors are the last states that transformers gives
// (scripts/generate_decoder_goldens.py small), whatever is embedded beside them.
#include "model/causal_encoder.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "model/model_test_util.h"

namespace coderank {
namespace {

using nlohmann::json;

// f32 against f32, relative to the largest value, as for the decoder's own test.
constexpr double kMaxDifference = 2e-5;

std::filesystem::path Folder() { return TestData() / "decoders" / "qwen2_headless"; }
json Cases() { return json::parse(*ReadFile(Folder() / "goldens.json", 1 << 20))["cases"]; }

class CausalEncoderTest : public ::testing::TestWithParam<const kernels::KernelSet*> {
 protected:
  static ModelRecord Record() {
    ModelRecord record;
    record.name = "small";
    record.architecture = "qwen2";
    record.pooling = Pooling::kLast;
    record.dimension = JsonConfig::Load(Folder() / "config.json")->object()["hidden_size"];
    record.max_length = 64;
    return record;
  }
};

INSTANTIATE_TEST_SUITE_P(Sets, CausalEncoderTest, ::testing::ValuesIn(AvailableKernelSets()),
                         [](const auto& info) { return std::string(info.param->name); });

TEST_P(CausalEncoderTest, PoolsTheReferencesLastState) {
  ThreadPool pool(2);
  const auto encoder = LoadSentenceEncoder(Folder(), Record(), *GetParam(), pool);
  ASSERT_TRUE(encoder) << encoder.error().message();
  for (const json& one : Cases()) {
    const std::vector<int32_t> ids = one["ids"];
    const std::vector<float> expected = one["state"];
    const auto vectors = (*encoder)->Encode(Views({ids}), {.normalize = false});
    ASSERT_TRUE(vectors) << vectors.error().message();
    double largest = 0;
    for (const float v : expected) largest = std::max(largest, std::fabs(static_cast<double>(v)));
    EXPECT_LE(MaxDifference(vectors->front(), expected), kMaxDifference * largest)
        << ids.size() << " tokens";
    const auto unit = (*encoder)->Encode(Views({ids}));
    EXPECT_NEAR(Cosine(unit->front(), expected), 1, 1e-6);
  }
}

TEST_P(CausalEncoderTest, BatchingChangesNothing) {
  IdLists lists;
  for (const json& one : Cases()) lists.push_back(one["ids"]);
  ExpectBatchingChangesNothing(Folder(), Record(), *GetParam(), lists);
}

TEST(CausalEncoderStatesTest, TheFirstAreThoseOfAll) {
  ThreadPool pool(1);
  const auto& kernels = *AvailableKernelSets().back();
  ModelRecord record;
  record.architecture = "qwen2";
  record.dimension = JsonConfig::Load(Folder() / "config.json")->object()["hidden_size"];
  record.max_length = 64;
  record.pooling = Pooling::kCls;
  const auto encoder = LoadSentenceEncoder(Folder(), record, kernels, pool);
  ASSERT_TRUE(encoder) << encoder.error().message();
  // A first state knows its token only.
  const auto vectors = (*encoder)->Encode(Views({{3, 1, 4}, {3}, {2, 7}, {2}}));
  ASSERT_TRUE(vectors);
  EXPECT_EQ((*vectors)[0], (*vectors)[1]);
  EXPECT_EQ((*vectors)[2], (*vectors)[3]);
  EXPECT_NE((*vectors)[0], (*vectors)[2]);
}

}  // namespace
}  // namespace coderank
