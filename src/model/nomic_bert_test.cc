// Bad weights and configurations of a NomicBERT model: each gives an error that names file and
// field or tensor. What good ones give is tested in goldens_test.cc.
#include "model/nomic_bert.h"

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
using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::TempDir;

class NomicBertTest : public ::testing::Test {
 protected:
  NomicBertTest()
      : config_(json::parse(*ReadFile(SmallModel("nomic_cls") / "config.json", 1 << 20))),
        weights_(*ReadFile(SmallModel("nomic_cls") / "model.safetensors", 1 << 20)) {}

  Result<std::unique_ptr<Encoder>> Load(const json& json) const {
    const TempDir folder;
    folder.Write("model.safetensors", weights_);
    const auto weights = WeightFiles::Open(folder.path());
    if (!weights) return weights.error();
    const auto config = JsonConfig::Parse(json.dump(), "config.json");
    if (!config) return config.error();
    FloatLayers layers(*weights, *kernels::AllKernelSets().front());
    return LoadNomicBert(*config, layers, *kernels::AllKernelSets().front());
  }
  // "" when it loads; null for `value` is a missing field.
  std::string ProblemWith(const char* field, const json& value) const {
    json changed = config_;
    changed[field] = value;
    const auto encoder = Load(changed);
    if (encoder) return "";
    if (encoder.error().code() == StatusCode::kInvalidArgument) {
      EXPECT_THAT(encoder.error().message(),
                  AllOf(HasSubstr("config.json: field"), HasSubstr("expected")));
    }
    return encoder.error().message();
  }

  json config_;
  std::string weights_;
};

TEST_F(NomicBertTest, TheUnchangedModelLoadsWithAllItsPositions) {
  const auto encoder = Load(config_);
  ASSERT_TRUE(encoder) << encoder.error().message();
  EXPECT_EQ((*encoder)->hidden_size(), 48U);
  EXPECT_EQ((*encoder)->vocabulary_size(), 67U);
  EXPECT_EQ((*encoder)->max_positions(), 8192U) << "trained on 2048";
}

TEST_F(NomicBertTest, ConfigIsBoundsChecked) {
  for (const char* field :
       {"n_embd", "n_layer", "n_head", "n_inner", "n_positions", "type_vocab_size", "vocab_size"}) {
    for (const json& value : {json(-1), json(1ULL << 40), json("7"), json(2.5), json()}) {
      EXPECT_THAT(ProblemWith(field, value), HasSubstr(StrCat("\"", field, "\""))) << value;
    }
  }
  EXPECT_THAT(ProblemWith("n_positions", 8193), HasSubstr("from 2 to 8192, found 8193"));
  EXPECT_THAT(ProblemWith("n_head", 16), HasSubstr("cuts n_embd 48 into heads of even size"));
  EXPECT_THAT(ProblemWith("n_head", 5), HasSubstr("cuts n_embd 48 into heads of even size"));
  EXPECT_THAT(ProblemWith("layer_norm_epsilon", -1.0), HasSubstr("\"layer_norm_epsilon\""));
  EXPECT_THAT(ProblemWith("rotary_emb_base", 0.5), HasSubstr("\"rotary_emb_base\""));
}

TEST_F(NomicBertTest, VariantsWithOtherEquationsAreNamed) {
  for (const char* field :
       {"qkv_proj_bias", "mlp_fc1_bias", "mlp_fc2_bias", "prenorm", "use_rms_norm",
        "rotary_emb_interleaved", "causal", "rotary_head_dim"}) {
    EXPECT_THAT(ProblemWith(field, true),
                HasSubstr(StrCat("\"", field, "\": expected false, found true")));
    EXPECT_THAT(ProblemWith(field, "no"), HasSubstr("expected true or false, found \"no\""));
  }
  for (const char* field : {"rotary_scaling_factor", "rotary_emb_scale_base"}) {
    EXPECT_THAT(ProblemWith(field, 2), HasSubstr(StrCat("\"", field, "\": expected null")));
  }
  EXPECT_THAT(ProblemWith("rotary_emb_fraction", 0.5), HasSubstr("expected 1, found 0.5"));
  for (const char* activation : {"gelu", "geglu", "glu", "swiglu2"}) {
    EXPECT_THAT(ProblemWith("activation_function", activation),
                HasSubstr(StrCat("expected \"swiglu\", found \"", activation, "\"")));
  }
}

// The published code's defaults are not those of the published models.
TEST_F(NomicBertTest, MissingFieldHasTheReferencesDefault) {
  for (const char* field : {"qkv_proj_bias", "mlp_fc1_bias", "mlp_fc2_bias", "rotary_emb_fraction",
                            "activation_function"}) {
    EXPECT_THAT(ProblemWith(field, nullptr), HasSubstr(StrCat("\"", field, "\""))) << field;
  }
  for (const char* field :
       {"prenorm", "use_rms_norm", "rotary_emb_interleaved", "causal", "rotary_head_dim",
        "rotary_emb_base", "layer_norm_epsilon", "max_trained_positions"}) {
    EXPECT_EQ(ProblemWith(field, nullptr), "") << field;
  }
}

TEST_F(NomicBertTest, ShapesThatDoNotFitNameTheTensor) {
  EXPECT_THAT(ProblemWith("vocab_size", 68),
              HasSubstr("tensor \"embeddings.word_embeddings.weight\": expected shape [68, 48], "
                        "found [67, 48]"));
  EXPECT_THAT(ProblemWith("n_inner", 55),
              HasSubstr("\"encoder.layers.0.mlp.fc11.weight\": expected shape [55, 48]"));
  EXPECT_THAT(ProblemWith("n_layer", 3),
              HasSubstr("expected a tensor \"encoder.layers.2.attn.Wqkv.weight\""));
  EXPECT_THAT(ProblemWith("type_vocab_size", 1),
              HasSubstr("\"embeddings.token_type_embeddings.weight\": expected shape [1, 48]"));
  EXPECT_EQ(ProblemWith("type_vocab_size", 0), "") << "no type embedding is wanted";
}

}  // namespace
}  // namespace coderank
