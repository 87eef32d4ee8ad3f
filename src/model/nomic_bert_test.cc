// Bad weights and configurations of a NomicBERT model: each gives an error that names file and
// field or tensor. What good ones give is tested in goldens_test.cc.
#include "model/nomic_bert.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

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

// The safetensors file `bytes` with `prefix` before the tensors' names.
std::string WithPrefix(const std::string& bytes, const std::string& prefix) {
  uint64_t size = 0;
  std::memcpy(&size, bytes.data(), sizeof(size));
  const json header = json::parse(bytes.substr(sizeof(size), size));
  json renamed;
  for (const auto& [name, tensor] : header.items()) {
    renamed[name == "__metadata__" ? name : prefix + name] = tensor;
  }
  return SafetensorsBytes(renamed.dump(), std::string_view(bytes).substr(sizeof(size) + size));
}

class NomicBertTest : public ::testing::Test {
 protected:
  explicit NomicBertTest(const char* model = "nomic_cls")
      : config_(json::parse(*ReadFile(SmallModel(model) / "config.json", 1 << 20))),
        weights_(*ReadFile(SmallModel(model) / "model.safetensors", 1 << 20)) {}

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
                  AllOf(HasSubstr("config.json: "), HasSubstr("field"), HasSubstr("expected")));
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
  EXPECT_THAT(ProblemWith("rotary_emb_scale_base", 2),
              HasSubstr("\"rotary_emb_scale_base\": expected null"));
  EXPECT_THAT(ProblemWith("rotary_emb_fraction", 0.5), HasSubstr("expected 1, found 0.5"));
  for (const char* activation : {"gelu", "geglu", "glu", "swiglu2"}) {
    EXPECT_THAT(ProblemWith("activation_function", activation),
                HasSubstr(StrCat("expected \"swiglu\", found \"", activation, "\"")));
  }
}

// The reference scales the angles of longer texts only, so nothing may be longer.
TEST_F(NomicBertTest, ScaledPositionsEndWhereScalingWouldBegin) {
  const auto positions = [this](const char* field, const json& value) {
    json changed = config_;
    changed["rotary_scaling_factor"] = 2;
    changed[field] = value;
    const auto encoder = Load(changed);
    EXPECT_TRUE(encoder) << encoder.error().message();
    return encoder ? (*encoder)->max_positions() : 0;
  };
  EXPECT_EQ(positions("max_trained_positions", 100), 100U);
  EXPECT_EQ(positions("max_trained_positions", nullptr), 2048U);
  EXPECT_EQ(positions("n_positions", 64), 64U);
  EXPECT_THAT(ProblemWith("rotary_scaling_factor", "2"), HasSubstr("\"rotary_scaling_factor\""));
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

// Configuration and names of transformers' own class.
class TransformersNomicBertTest : public NomicBertTest {
 protected:
  TransformersNomicBertTest() : NomicBertTest("nomic_transformers") {}
};

TEST_F(TransformersNomicBertTest, VariantsWithOtherEquationsAreNamed) {
  EXPECT_EQ((*Load(config_))->max_positions(), 256U);
  EXPECT_THAT(ProblemWith("hidden_act", "gelu"), HasSubstr("\"hidden_act\": expected \"silu\""));
  EXPECT_THAT(ProblemWith("head_dim", 8), HasSubstr("\"head_dim\": expected hidden_size"));
  EXPECT_THAT(ProblemWith("hidden_size", "48"), HasSubstr("\"hidden_size\""));
  EXPECT_THAT(ProblemWith("num_attention_heads", 0), HasSubstr("\"num_attention_heads\""));
  EXPECT_THAT(ProblemWith("intermediate_size", -1), HasSubstr("\"intermediate_size\""));
  EXPECT_THAT(ProblemWith("rope_parameters", json{{"rope_type", "linear"}, {"factor", 2}}),
              HasSubstr("\"rope_type\": expected \"default\""));
  EXPECT_THAT(ProblemWith("num_hidden_layers", 3),
              HasSubstr("expected a tensor \"layers.2.self_attn.q_proj.weight\""));
}

TEST_F(TransformersNomicBertTest, MissingFieldHasTheReferencesDefault) {
  for (const char* field : {"hidden_act", "head_dim", "layer_norm_eps", "rope_parameters",
                            "max_position_embeddings", "type_vocab_size"}) {
    EXPECT_EQ(ProblemWith(field, nullptr), "") << field;
  }
  EXPECT_THAT(ProblemWith("vocab_size", nullptr), HasSubstr("expected shape [30528, 48]"));
}

TEST_F(NomicBertTest, ModelsAroundTheEncoderHavePrefixes) {
  const TempDir folder;
  for (const std::string prefix : {"bert.", "nomic_bert."}) {
    folder.Write("model.safetensors", WithPrefix(weights_, prefix));
    const auto weights = WeightFiles::Open(folder.path());
    ASSERT_TRUE(weights) << weights.error().message();
    FloatLayers layers(*weights, *kernels::AllKernelSets().front());
    const auto encoder = LoadNomicBert(*JsonConfig::Parse(config_.dump(), "config.json"), layers,
                                       *kernels::AllKernelSets().front());
    EXPECT_TRUE(encoder) << encoder.error().message();
  }
}

}  // namespace
}  // namespace coderank
