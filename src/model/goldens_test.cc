// Small random models against the vectors of the official implementations
// (scripts/generate_model_goldens.py small), with every kernel set of this machine.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <tuple>

#include "base/file.h"
#include "model/model_test_util.h"

namespace coderank {
namespace {

using nlohmann::json;

// f32 against f32 with another order of additions, on values of up to about 3. Measured: 3e-6.
constexpr double kMaxDifference = 2e-5;

class GoldensTest
    : public ::testing::TestWithParam<std::tuple<const char*, const kernels::KernelSet*>> {
 protected:
  std::filesystem::path folder() const { return SmallModel(std::get<0>(GetParam())); }
  const kernels::KernelSet& kernels() const { return *std::get<1>(GetParam()); }
  json goldens() const { return json::parse(*ReadFile(folder() / "goldens.json", 1 << 20)); }
  ModelRecord record() const { return *DeriveModelRecord(folder(), "small"); }
  IdLists Ids() const {
    IdLists lists;
    const json all = goldens();
    for (const json& one : all["cases"]) lists.push_back(one["ids"]);
    return lists;
  }
};

INSTANTIATE_TEST_SUITE_P(Models, GoldensTest,
                         ::testing::Combine(::testing::Values("mean_gelu", "cls_gelu_new",
                                                              "mean_relu_sharded", "plain_silu",
                                                              "nomic_cls", "nomic_mean",
                                                              "nomic_transformers"),
                                            ::testing::ValuesIn(AvailableKernelSets())),
                         [](const auto& info) {
                           return StrCat(std::get<0>(info.param), "_",
                                         std::get<1>(info.param)->name);
                         });

TEST_P(GoldensTest, RecordIsWhatTheFilesSay) {
  const auto derived = DeriveModelRecord(folder(), "small");
  ASSERT_TRUE(derived) << derived.error().message();
  const json expected = goldens()["record"];
  EXPECT_EQ(derived->architecture, expected["architecture"].get<std::string>());
  EXPECT_EQ(PoolingName(derived->pooling), expected["pooling"].get<std::string>());
  EXPECT_EQ(derived->normalize, expected["normalize"].get<bool>());
  EXPECT_EQ(derived->max_length, expected["max_length"].get<size_t>());
  EXPECT_EQ(derived->dimension, expected["dimension"].get<size_t>());
  EXPECT_EQ(derived->query_prompt, expected["query_prompt"].get<std::string>());
  EXPECT_EQ(derived->document_prompt, expected["document_prompt"].get<std::string>());
}

TEST_P(GoldensTest, VectorsAreTheReferences) {
  ThreadPool pool(2);
  const auto encoder = LoadSentenceEncoder(folder(), record(), kernels(), pool);
  ASSERT_TRUE(encoder) << encoder.error().message();
  const IdLists lists = Ids();
  // What the model's own modules give: raw where they do not normalise.
  const auto vectors = (*encoder)->Encode(Views(lists), {.normalize = record().normalize});
  ASSERT_TRUE(vectors) << vectors.error().message();
  double worst = 0;
  for (size_t i = 0; i < lists.size(); ++i) {
    const std::vector<float> expected = goldens()["cases"][i]["vector"];
    ASSERT_EQ(expected.size(), (*vectors)[i].size());
    worst = std::max(worst, MaxDifference((*vectors)[i], expected));
    EXPECT_LE(MaxDifference((*vectors)[i], expected), kMaxDifference) << "case " << i;
    EXPECT_GE(Cosine((*vectors)[i], expected), 0.99999) << "case " << i;
  }
  RecordProperty("max_difference", std::to_string(worst));
}

TEST_P(GoldensTest, BatchingChangesNothing) {
  ExpectBatchingChangesNothing(folder(), record(), kernels(), Ids());
}

}  // namespace
}  // namespace coderank
