// Bad weights and configurations of a BERT model: each gives an error that names file and field or
// tensor. What good ones give is tested in goldens_test.cc.
#include "model/bert.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "model/float_layers.h"
#include "model/model_test_util.h"
#include "support/temp_dir.h"

namespace coderank {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using testing::TempDir;

const kernels::KernelSet& Scalar() { return *kernels::AllKernelSets().front(); }

class BertTest : public ::testing::Test {
 protected:
  BertTest()
      : config_(json::parse(*ReadFile(SmallModel("plain_silu") / "config.json", 1 << 20))),
        weights_(*ReadFile(SmallModel("plain_silu") / "model.safetensors", 1 << 20)) {}

  Result<std::unique_ptr<Encoder>> Load() const {
    const TempDir folder;
    folder.Write("model.safetensors", weights_);
    const auto weights = WeightFiles::Open(folder.path());
    if (!weights) return weights.error();
    const auto config = JsonConfig::Parse(config_.dump(), "config.json");
    if (!config) return config.error();
    FloatLayers layers(*weights, Scalar());
    return LoadBert(*config, layers, Scalar());
  }
  std::string Problem() const {
    const auto encoder = Load();
    return encoder ? "" : encoder.error().message();
  }
  std::string ProblemWith(const char* field, const json& value) {
    const json saved = config_;
    config_[field] = value;
    std::string problem = Problem();
    config_ = saved;
    return problem;
  }
  void Replace(std::string_view from, std::string_view to) {
    ASSERT_EQ(from.size(), to.size());
    ASSERT_NE(weights_.find(from), std::string::npos);
    weights_.replace(weights_.find(from), from.size(), to);
  }

  json config_;
  std::string weights_;
};

TEST_F(BertTest, TheUnchangedModelLoads) {
  EXPECT_EQ(Problem(), "");
  EXPECT_EQ((*Load())->hidden_size(), 24U);
}

TEST_F(BertTest, ConfigIsBoundsChecked) {
  for (const char* field :
       {"hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
        "max_position_embeddings", "type_vocab_size", "vocab_size"}) {
    for (const json& value : {json(0), json(-1), json(1ULL << 40), json("7"), json(2.5)}) {
      const std::string problem = ProblemWith(field, value);
      EXPECT_THAT(problem, HasSubstr("config.json")) << field << " " << value;
      EXPECT_THAT(problem, HasSubstr(StrCat("\"", field, "\""))) << value;
    }
  }
  EXPECT_THAT(ProblemWith("num_attention_heads", 5), HasSubstr("a divisor of hidden_size 24"));
  EXPECT_THAT(ProblemWith("layer_norm_eps", -1.0), HasSubstr("\"layer_norm_eps\""));
  EXPECT_THAT(ProblemWith("hidden_act", "swish9"), HasSubstr("\"swish9\""));
  EXPECT_THAT(ProblemWith("position_embedding_type", "relative_key"),
              HasSubstr("expected \"absolute\", found \"relative_key\""));
}

TEST_F(BertTest, MissingSizeIsNamedAndOtherFieldsHaveTheReferencesDefault) {
  for (const char* field : {"hidden_size", "num_hidden_layers", "num_attention_heads",
                            "intermediate_size", "vocab_size"}) {
    EXPECT_THAT(ProblemWith(field, nullptr), HasSubstr(StrCat("\"", field, "\""))) << field;
  }
  for (const char* field : {"hidden_act", "layer_norm_eps", "type_vocab_size"}) {
    EXPECT_EQ(ProblemWith(field, nullptr), "") << field;
  }
  EXPECT_THAT(ProblemWith("max_position_embeddings", nullptr),
              HasSubstr("expected shape [512, 24]"));
  EXPECT_THAT(ProblemWith("is_decoder", true), HasSubstr("\"is_decoder\": expected false"));
}

TEST_F(BertTest, ActivationsGoByAllNamesOfTheReference) {
  for (const char* name : {"gelu", "gelu_python", "gelu_new", "gelu_pytorch_tanh", "gelu_fast",
                           "gelu_python_tanh", "relu", "silu", "swish"}) {
    EXPECT_EQ(ProblemWith("hidden_act", name), "") << name;
  }
}

TEST_F(BertTest, ShapesThatDoNotFitNameTheTensor) {
  EXPECT_THAT(ProblemWith("vocab_size", 51),
              HasSubstr("tensor \"embeddings.word_embeddings.weight\": expected shape [51, 24], "
                        "found [50, 24]"));
  EXPECT_THAT(ProblemWith("intermediate_size", 16),
              HasSubstr("\"encoder.layer.0.intermediate.dense.weight\": expected shape [16, 24]"));
  EXPECT_THAT(ProblemWith("num_hidden_layers", 2),
              HasSubstr("expected a tensor \"encoder.layer.1.attention.self.query.weight\""));
}

TEST_F(BertTest, MissingTensorIsNamed) {
  Replace("encoder.layer.0.output.dense.bias", "encoder.layer.0.output.dense.bios");
  EXPECT_THAT(Problem(), HasSubstr("\"encoder.layer.0.output.dense.bias\""));
}

TEST_F(BertTest, NaNWeightIsNamed) {
  const float nan = std::nanf("");
  std::memcpy(weights_.data() + weights_.size() - sizeof(nan), &nan, sizeof(nan));
  EXPECT_THAT(Problem(), HasSubstr("expected finite numbers, found nan"));
  EXPECT_THAT(Problem(), HasSubstr("tensor \""));
}

TEST_F(BertTest, TruncatedFilesAreErrors) {
  const std::string whole = weights_;
  for (size_t length = 0; length < whole.size(); length += length < 64 ? 1 : 997) {
    weights_ = whole.substr(0, length);
    EXPECT_THAT(Problem(), HasSubstr("model.safetensors")) << length;
  }
}

// Finite weights whose products overflow: the caller hears of it, by the model's name.
TEST(OverflowTest, ResultThatIsNotFiniteIsAnError) {
  const TempDir folder;
  std::filesystem::copy(SmallModel("plain_silu"), folder.path(),
                        std::filesystem::copy_options::recursive);
  std::string weights = *ReadFile(SmallModel("plain_silu") / "model.safetensors", 1 << 20);
  uint64_t header = 0;
  std::memcpy(&header, weights.data(), sizeof(header));
  const float huge = 3e38F;
  for (size_t i = 8 + header; i + 4 <= weights.size(); i += 8) {
    std::memcpy(weights.data() + i, &huge, 4);
  }
  folder.Write("model.safetensors", weights);
  ThreadPool pool(1);
  const auto record = DeriveModelRecord(folder.path(), "overflowing");
  ASSERT_TRUE(record);
  const auto encoder = LoadSentenceEncoder(folder.path(), *record, Scalar(), pool);
  ASSERT_TRUE(encoder) << encoder.error().message();
  const auto vectors = (*encoder)->Encode(Views({{1, 2, 3}}));
  ASSERT_FALSE(vectors);
  EXPECT_EQ(vectors.error().code(), StatusCode::kCorrupt);
  EXPECT_THAT(vectors.error().message(), HasSubstr("model overflowing"));
}

}  // namespace
}  // namespace coderank
