// A cross-encoder of the published size: the body and pooler of all-MiniLM-L6-v2 under the made-up
// classifier of scripts/generate_pair_goldens.py minilm, against the logits of the official
// implementation. Real weights and real text, so the arithmetic is that of a real judge; its scores
// mean nothing. Needs the model: set CODERANK_TEST_MODEL_DIR to its folder.
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "model/cross_encoder.h"
#include "model/model_test_util.h"
#include "support/temp_dir.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr size_t kHidden = 384;
// f32 against f32 on logits of up to 2.5. Measured: 4e-6.
constexpr double kMaxDifference = 1e-4;

// The classifier's tensors, as a second shard beside the published file.
void WriteModel(const fs::path& published, const testing::TempDir& folder) {
  std::vector<float> values(kHidden);
  for (size_t i = 0; i < kHidden; ++i) {
    values[i] = (static_cast<float>((37 * i) % 101) - 50) / 16;
  }
  values.push_back(0.25F);
  const size_t weights = kHidden * sizeof(float);
  const std::string header =
      StrCat("{", TensorJson("classifier.weight", "F32", "[1,384]", 0, weights), ",",
             TensorJson("classifier.bias", "F32", "[1]", weights, weights + sizeof(float)), "}");
  folder.Write("head.safetensors", SafetensorsBytes(header, FloatBytes(values)));
  fs::create_symlink(published / "model.safetensors", folder.path() / "body.safetensors");
  fs::create_symlink(published / "tokenizer.json", folder.path() / "tokenizer.json");
  json index;
  for (const char* name : {"classifier.weight", "classifier.bias"}) {
    index["weight_map"][name] = "head.safetensors";
  }
  const std::string body = *ReadFile(published / "model.safetensors", 1 << 28);
  uint64_t length = 0;
  std::memcpy(&length, body.data(), sizeof(length));
  const json tensors = json::parse(body.substr(sizeof(length), length));
  for (const auto& [name, tensor] : tensors.items()) {
    if (name != "__metadata__") index["weight_map"][name] = "body.safetensors";
  }
  folder.Write("model.safetensors.index.json", index.dump());
  json config = json::parse(*ReadFile(published / "config.json", 1 << 20));
  config["architectures"] = {"BertForSequenceClassification"};
  folder.Write("config.json", config.dump());
}

class MiniLmPairTest : public ::testing::TestWithParam<const kernels::KernelSet*> {
 protected:
  void SetUp() override {
    const char* published = std::getenv("CODERANK_TEST_MODEL_DIR");
    if (published == nullptr || *published == '\0') {
      GTEST_SKIP() << "set CODERANK_TEST_MODEL_DIR to the folder of all-MiniLM-L6-v2";
    }
    WriteModel(published, folder_);
    auto record = DeriveModelRecord(folder_.path(), "made-up judge");
    ASSERT_TRUE(record) << record.error().message();
    record_ = *std::move(record);
    const json goldens = json::parse(*ReadFile(TestData() / "minilm_pair_goldens.json", 1 << 20));
    // The scalar reference is slow: it gets every eighth.
    const size_t step = GetParam() == kernels::AllKernelSets().front() ? 8 : 1;
    for (size_t i = 0; i < goldens["cases"].size(); i += step) {
      const json& one = goldens["cases"][i];
      pairs_.push_back(
          {.ids = one["ids"], .second_begin = one["second_begin"], .truncated = false});
      logits_.push_back(one["logit"]);
    }
  }

  std::vector<float> Logits(std::string_view precision) {
    record_.precision = precision;
    ThreadPool pool(AvailableCores());
    // Packed by the fastest set: the reference would need minutes for the calibration texts.
    const kernels::KernelSet& fastest = *AvailableKernelSets().back();
    EXPECT_TRUE(LoadCrossEncoder(folder_.path(), record_, fastest, pool, {}));
    const auto model = LoadCrossEncoder(folder_.path(), record_, *GetParam(), pool, {});
    EXPECT_TRUE(model) << model.error().message();
    return *(*model)->Score(pairs_);
  }

  testing::TempDir folder_;
  ModelRecord record_;
  std::vector<PairEncoding> pairs_;
  std::vector<float> logits_;
};

INSTANTIATE_TEST_SUITE_P(Sets, MiniLmPairTest, ::testing::ValuesIn(AvailableKernelSets()),
                         [](const auto& info) { return std::string(info.param->name); });

TEST_P(MiniLmPairTest, LogitsAreTheReferences) {
  const std::vector<float> found = Logits(kPrecisionFloat);
  const double worst = MaxDifference(found, logits_);
  EXPECT_LE(worst, kMaxDifference);
  std::printf("%zu pairs: largest difference %.3g\n", found.size(), worst);
}

// Pairs of documents whose order the logits tell apart by more than `gap`, and how many of them are
// in the same order in both.
struct Agreement {
  size_t same = 0;
  size_t all = 0;
};

Agreement OrderAgreement(const std::vector<float>& a, const std::vector<float>& b, float gap) {
  Agreement agreement;
  for (size_t i = 0; i < a.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (std::fabs(a[i] - a[j]) <= gap) continue;
      ++agreement.all;
      if ((a[i] > a[j]) == (b[i] > b[j])) ++agreement.same;
    }
  }
  return agreement;
}

// A deviation of the logits over documents is 1.1: a twentieth of that (a tenth with 7 bits) moves
// only neighbours, and what lies more than four such deviations apart keeps its order.
TEST_P(MiniLmPairTest, Int8IsNearF32) {
  const std::vector<float> found = Logits(kPrecisionInt8);
  double squares = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    squares += std::pow(static_cast<double>(found[i]) - logits_[i], 2);
  }
  const double deviation = std::sqrt(squares / static_cast<double>(found.size()));
  const float bound = GetParam()->int8_levels == 255 ? 0.055F : 0.11F;
  EXPECT_LE(deviation, bound);
  const Agreement all = OrderAgreement(logits_, found, 0);
  const Agreement apart = OrderAgreement(logits_, found, 4 * bound);
  EXPECT_EQ(apart.same, apart.all);
  std::printf(
      "%s, %d levels, %zu pairs: error %.4f root mean square, %.4f worst; order kept in "
      "%zu of %zu\n",
      GetParam()->name, GetParam()->int8_levels, found.size(), deviation,
      MaxDifference(found, logits_), all.same, all.all);
}

}  // namespace
}  // namespace coderank
