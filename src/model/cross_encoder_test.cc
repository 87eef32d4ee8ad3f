// Cross-encoders: tokens and logits of small random models against the official implementation
// (scripts/generate_pair_goldens.py small), the same bits however they are run, and files that
// cannot be used.
#include "model/cross_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <tuple>

#include "base/file.h"
#include "model/load_encoder.h"
#include "model/model_test_util.h"
#include "model/text_embedder.h"
#include "support/temp_dir.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;
using testing::TempDir;

// f32 against f32 with another order of additions, on logits of up to 2. Measured: 2e-6.
constexpr double kMaxDifference = 2e-5;

struct Case {
  std::string query;
  std::string document;
  size_t length;
  std::vector<int32_t> ids;
  size_t second_begin;
  float logit;
};

std::vector<Case> CasesOf(const fs::path& folder) {
  std::vector<Case> cases;
  const json goldens = json::parse(*ReadFile(folder / "goldens.json", 1 << 20));
  for (const json& one : goldens["cases"]) {
    cases.push_back({.query = one["query"],
                     .document = one["document"],
                     .length = one["length"],
                     .ids = one["ids"],
                     .second_begin = one["second_begin"],
                     .logit = one["logit"]});
  }
  return cases;
}

std::vector<PairEncoding> PairsOf(const std::vector<Case>& cases) {
  std::vector<PairEncoding> pairs;
  for (const Case& one : cases) {
    pairs.push_back({.ids = one.ids, .second_begin = one.second_begin, .truncated = false});
  }
  return pairs;
}

class PairGoldensTest
    : public ::testing::TestWithParam<std::tuple<const char*, const kernels::KernelSet*>> {
 protected:
  PairGoldensTest() {
    fs::copy(SmallModel(std::get<0>(GetParam())), folder(), fs::copy_options::recursive);
    record_ = *DeriveModelRecord(folder(), "judge");
    cases_ = CasesOf(folder());
  }

  fs::path folder() const { return world_.path() / "model"; }
  Result<std::unique_ptr<CrossEncoder>> Load(ThreadPool& pool) const {
    return LoadCrossEncoder(folder(), record_, *std::get<1>(GetParam()), pool, {});
  }
  // The logits of all cases together, on two threads.
  std::vector<float> Logits() const {
    ThreadPool pool(2);
    const auto model = Load(pool);
    EXPECT_TRUE(model) << model.error().message();
    return *(*model)->Score(PairsOf(cases_));
  }

  TempDir world_;
  ModelRecord record_;
  std::vector<Case> cases_;
};

INSTANTIATE_TEST_SUITE_P(Models, PairGoldensTest,
                         ::testing::Combine(::testing::Values("pair_gelu", "pair_relu_old_names"),
                                            ::testing::ValuesIn(AvailableKernelSets())),
                         [](const auto& info) {
                           return StrCat(std::get<0>(info.param), "_",
                                         std::get<1>(info.param)->name);
                         });

TEST_P(PairGoldensTest, RecordIsWhatTheFilesSay) {
  const json expected = json::parse(*ReadFile(folder() / "goldens.json", 1 << 20))["record"];
  EXPECT_EQ(record_.kind, ModelKind::kCrossEncoder);
  EXPECT_EQ(record_.architecture, "bert");
  EXPECT_EQ(record_.max_length, expected["max_length"].get<size_t>());
  EXPECT_EQ(record_.dimension, expected["dimension"].get<size_t>());
}

TEST_P(PairGoldensTest, TokensAreTheReferences) {
  ThreadPool pool(2);
  for (const Case& one : cases_) {
    record_.max_length = one.length;
    const auto model = Load(pool);
    ASSERT_TRUE(model) << model.error().message();
    const std::string_view document = one.document;
    const auto pairs = (*model)->Tokenize(one.query, {&document, 1});
    ASSERT_TRUE(pairs);
    EXPECT_EQ(pairs->front().ids, one.ids) << one.query << " | " << one.document;
    EXPECT_EQ(pairs->front().second_begin, one.second_begin) << one.query;
  }
}

TEST_P(PairGoldensTest, LogitsAreTheReferences) {
  const std::vector<float> logits = Logits();
  double worst = 0;
  for (size_t i = 0; i < cases_.size(); ++i) {
    const double difference = std::fabs(static_cast<double>(logits[i]) - cases_[i].logit);
    EXPECT_LE(difference, kMaxDifference) << "case " << i;
    worst = std::max(worst, difference);
  }
  RecordProperty("max_difference", std::to_string(worst));
}

TEST_P(PairGoldensTest, BatchingChangesNothing) {
  ThreadPool serial(1);
  ThreadPool parallel(3);
  for (const std::string_view precision : {kPrecisionFloat, kPrecisionInt8}) {
    record_.precision = precision;
    const auto first = Load(serial);
    const auto second = Load(parallel);
    ASSERT_TRUE(first && second);
    const std::vector<PairEncoding> pairs = PairsOf(cases_);
    const auto together = (*first)->Score(pairs);
    ASSERT_TRUE(together);
    EXPECT_EQ(*(*second)->Score(pairs), *together);
    const std::vector<PairEncoding> backwards(pairs.rbegin(), pairs.rend());
    std::vector<float> turned = *(*second)->Score(backwards);
    std::reverse(turned.begin(), turned.end());
    EXPECT_EQ(turned, *together);
    for (size_t i = 0; i < pairs.size(); ++i) {
      EXPECT_EQ((*second)->Score({&pairs[i], 1})->front(), (*together)[i]) << "case " << i;
    }
  }
}

// The head is f32, so what it adds to the error of the states is its own gain. A state has length
// sqrt(hidden), an error of r of it (int8_test.cc: the squares of a step's error in weights and
// activations, four projections a layer), and passes two random matrices whose rows have length
// 1.5: an error of at most 1.5 * 1.5 * r * sqrt(hidden) where its direction is the worst, and of
// 1 / sqrt(hidden) of that in the mean over directions. Four deviations for the worst case.
TEST_P(PairGoldensTest, Int8IsNearF32) {
  const std::vector<float> exact = Logits();
  record_.precision = kPrecisionInt8;
  const std::vector<float> rounded = Logits();
  const double of_weights = 3.0 / 127 / std::sqrt(12.0);
  const double of_activations = 6.0 / std::get<1>(GetParam())->int8_levels / std::sqrt(12.0);
  const double squares = of_weights * of_weights + of_activations * of_activations;
  const double deviation = 1.5 * 1.5 * std::sqrt(4 * 2 * squares);
  double sum = 0;
  double worst = 0;
  for (size_t i = 0; i < exact.size(); ++i) {
    const double difference = std::fabs(static_cast<double>(exact[i]) - rounded[i]);
    sum += difference * difference;
    worst = std::max(worst, difference);
  }
  const double found = std::sqrt(sum / static_cast<double>(exact.size()));
  EXPECT_LE(found, deviation);
  EXPECT_LE(worst, 4 * deviation);
  EXPECT_GT(worst, 1e-5) << "these are the f32 logits";
  RecordProperty("root_mean_square", std::to_string(found));
}

// --- What cannot be used says so.

const kernels::KernelSet& Scalar() { return *kernels::AllKernelSets().front(); }

class BadPairModelTest : public ::testing::Test {
 protected:
  BadPairModelTest() {
    fs::copy(SmallModel("pair_gelu"), folder_.path(), fs::copy_options::recursive);
    config_ = json::parse(*ReadFile(folder_.path() / "config.json", 1 << 20));
  }
  std::string ProblemWith(const char* field, const json& value) {
    json config = config_;
    config[field] = value;
    folder_.Write("config.json", config.dump());
    return Problem();
  }
  std::string Problem() const {
    ThreadPool pool(1);
    const auto record = DeriveModelRecord(folder_.path(), "judge");
    if (!record) return record.error().message();
    const auto model = LoadCrossEncoder(folder_.path(), *record, Scalar(), pool, {});
    return model ? "" : model.error().message();
  }
  void Rename(std::string_view from, std::string_view to) const {
    std::string weights = *ReadFile(folder_.path() / "model.safetensors", 1 << 20);
    ASSERT_EQ(from.size(), to.size());
    ASSERT_NE(weights.find(from), std::string::npos);
    weights.replace(weights.find(from), from.size(), to);
    folder_.Write("model.safetensors", weights);
  }

  TempDir folder_;
  json config_;
};

TEST_F(BadPairModelTest, TheUnchangedModelLoads) { EXPECT_EQ(Problem(), ""); }

TEST_F(BadPairModelTest, OtherClassifiersAreRefused) {
  EXPECT_THAT(ProblemWith("id2label", {{"0", "no"}, {"1", "yes"}}),
              HasSubstr("id2label: expected 1 label, a score for a pair of texts, found 2"));
  EXPECT_THAT(ProblemWith("num_labels", 3), HasSubstr("found 3"));
  EXPECT_THAT(ProblemWith("model_type", "roberta"), HasSubstr("expected \"bert\""));
  EXPECT_THAT(ProblemWith("architectures", {7}), HasSubstr("\"architectures\": expected a list"));
  EXPECT_THAT(ProblemWith("type_vocab_size", 1), HasSubstr("embeddings.token_type_embeddings"));
}

// Where the configuration says nothing of labels, the weights do.
TEST_F(BadPairModelTest, LabelsAreCountedByTheWeightsToo) {
  config_.erase("id2label");
  EXPECT_EQ(ProblemWith("hidden_act", "gelu"), "");
  Rename("\"shape\":[1,32]", "\"shape\":[32,1]");
  EXPECT_THAT(Problem(), HasSubstr("\"classifier.weight\": expected shape [1, 32], found [32, 1]"));
}

TEST_F(BadPairModelTest, AMissingHeadIsNamed) {
  Rename("bert.pooler.dense.bias", "bert.pooler.dense.bios");
  EXPECT_THAT(Problem(), HasSubstr("expected a tensor \"bert.pooler.dense.bias\""));
  Rename("bert.pooler.dense.bios", "bert.pooler.dense.bias");
  Rename("classifier.weight", "classifier.height");
  EXPECT_THAT(Problem(), HasSubstr("expected a tensor \"classifier.weight\""));
}

TEST_F(BadPairModelTest, ATokenizerWithoutPairsIsRefused) {
  fs::copy(SmallModel("pair_relu_old_names") / "tokenizer.json", folder_.path() / "tokenizer.json");
  json tokenizer = json::parse(*ReadFile(folder_.path() / "tokenizer.json", 1 << 20));
  EXPECT_EQ(Problem(), "");
  const json pair = tokenizer["post_processor"]["pair"];
  json types = pair;
  types[3]["Sequence"]["type_id"] = 0;
  json swapped = pair;
  std::swap(swapped[1], swapped[3]);
  json once = pair;
  once.erase(3);
  for (const json& other : {types, swapped, once, json(), json({1, 2}), json::array()}) {
    tokenizer["post_processor"]["pair"] = other;
    folder_.Write("tokenizer.json", tokenizer.dump());
    EXPECT_THAT(Problem(), HasSubstr("the tokenizer has no form for pairs of texts")) << other;
  }
}

TEST_F(BadPairModelTest, TheOtherKindOfModelIsRefused) {
  ThreadPool pool(1);
  const auto judge = DeriveModelRecord(folder_.path(), "judge");
  ASSERT_TRUE(judge);
  const auto embedder = LoadTextEmbedder(folder_.path(), *judge, pool, {});
  ASSERT_FALSE(embedder);
  EXPECT_EQ(embedder.error().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(embedder.error().message(),
              HasSubstr("model judge: expected a model of kind embedder, found cross-encoder"));
  const auto record = DeriveModelRecord(SmallModel("mean_gelu"), "vectors");
  ASSERT_TRUE(record);
  const auto loaded = LoadCrossEncoder(SmallModel("mean_gelu"), *record, Scalar(), pool, {});
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().message(), HasSubstr("expected a model of kind cross-encoder"));
}

// A checkpoint of a classifier under a chain of sentence-transformers is what the chain says.
TEST_F(BadPairModelTest, ModulesDecideWhatAClassifierIs) {
  const json transformer = {{"path", ""}, {"type", "sentence_transformers.models.Transformer"}};
  folder_.Write("modules.json", json::array({transformer}).dump());
  EXPECT_EQ(DeriveModelRecord(folder_.path(), "one")->kind, ModelKind::kCrossEncoder);
  folder_.Write(
      "modules.json",
      json::array(
          {transformer, {{"path", "1_Pooling"}, {"type", "sentence_transformers.models.Pooling"}}})
          .dump());
  folder_.Write("1_Pooling/config.json", R"({"pooling_mode": "mean"})");
  EXPECT_EQ(DeriveModelRecord(folder_.path(), "two")->kind, ModelKind::kEmbedder);
}

TEST_F(BadPairModelTest, RecordsAreReadBack) {
  const auto record = DeriveModelRecord(folder_.path(), "judge");
  ASSERT_TRUE(record);
  const std::string text = WriteModelRecord(*record);
  const auto read = ReadModelRecord(text, "record.json");
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->kind, ModelKind::kCrossEncoder);
  EXPECT_EQ(read->Fingerprint(), record->Fingerprint());
  json changed = json::parse(text);
  changed.erase("kind");
  EXPECT_FALSE(ReadModelRecord(changed.dump(), "record.json")) << "an embedder has a pooling";
  changed["kind"] = "classifier";
  const auto unknown = ReadModelRecord(changed.dump(), "record.json");
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message(), HasSubstr("\"kind\": expected \"cross-encoder\""));
}

TEST_F(BadPairModelTest, CancelledAndEmptyWork) {
  ThreadPool pool(2);
  const auto record = DeriveModelRecord(folder_.path(), "judge");
  const auto model = LoadCrossEncoder(folder_.path(), *record, Scalar(), pool, {});
  ASSERT_TRUE(model);
  EXPECT_TRUE((*model)->Tokenize("w1", {})->empty());
  EXPECT_TRUE((*model)->Score({})->empty());
  CancellationToken cancel;
  cancel.Cancel();
  const std::vector<std::string_view> documents(3, "w1 w2");
  EXPECT_EQ((*model)->Tokenize("w1", documents, &cancel).error().code(), StatusCode::kCancelled);
  const auto pairs = (*model)->Tokenize("w1", documents);
  ASSERT_TRUE(pairs);
  EXPECT_EQ((*model)->Score(*pairs, &cancel).error().code(), StatusCode::kCancelled);
  EXPECT_EQ((*model)->Score({&pairs->front(), 1}, &cancel).error().code(), StatusCode::kCancelled);
}

// Finite weights whose products overflow: the caller hears of it, by the model's name.
TEST_F(BadPairModelTest, AScoreThatIsNotFiniteIsAnError) {
  std::string weights = *ReadFile(folder_.path() / "model.safetensors", 1 << 20);
  uint64_t header = 0;
  std::memcpy(&header, weights.data(), sizeof(header));
  const float huge = 3e38F;
  for (size_t i = 8 + header; i + 4 <= weights.size(); i += 8) {
    std::memcpy(weights.data() + i, &huge, 4);
  }
  folder_.Write("model.safetensors", weights);
  ThreadPool pool(1);
  const auto record = DeriveModelRecord(folder_.path(), "overflowing");
  const auto model = LoadCrossEncoder(folder_.path(), *record, Scalar(), pool, {});
  ASSERT_TRUE(model) << model.error().message();
  const std::string_view document = "w1 w2";
  const auto logits = (*model)->Score(*(*model)->Tokenize("w3", {&document, 1}));
  ASSERT_FALSE(logits);
  EXPECT_EQ(logits.error().code(), StatusCode::kCorrupt);
  EXPECT_THAT(logits.error().message(), HasSubstr("model overflowing"));
}

}  // namespace
}  // namespace coderank
