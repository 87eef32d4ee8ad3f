// Frequencies and magnitudes against transformers' modeling_rope_utils, computed in f32 for heads
// of 16 and a base of 10,000; whole models are compared in decoder_test.cc.
#include "model/rotary_scaling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "nn/rotary.h"

namespace coderank {
namespace {

using ::testing::HasSubstr;

constexpr size_t kHeadSize = 16;
constexpr float kBase = 10000;
constexpr size_t kPositions = 4096;

Result<std::optional<RotaryScaling>> Read(const std::string& fields) {
  const auto json = JsonConfig::Parse("{" + fields + "}", "config.json: rope_scaling");
  if (!json) return json.error();
  return ReadRotaryScaling(*json, kPositions);
}

void ExpectScaled(const std::string& fields, const std::vector<float>& expected, float magnitude) {
  const auto scaling = Read(fields);
  ASSERT_TRUE(scaling) << scaling.error().message();
  ASSERT_TRUE(*scaling) << fields;
  std::vector<float> frequencies = nn::InverseFrequencies(kHeadSize, kBase);
  ScaleFrequencies(**scaling, kBase, frequencies);
  ASSERT_EQ(frequencies.size(), expected.size());
  // A few roundings of f32 in another order: 2^-24 each, relative.
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(frequencies[i], expected[i], 1e-6 * expected[i]) << fields << " " << i;
  }
  EXPECT_NEAR((*scaling)->magnitude, magnitude, 1e-6 * magnitude) << fields;
}

TEST(RotaryScalingTest, Linear) {
  const std::vector<float> quarter = {0.25F,   0.079056941F,    0.0250000004F,   0.00790569466F,
                                      0.0025F, 0.000790569466F, 0.000250000012F, 7.90569466e-05F};
  ExpectScaled(R"("rope_type": "linear", "factor": 4.0)", quarter, 1);
  ExpectScaled(R"("type": "linear", "factor": 4)", quarter, 1);
}

TEST(RotaryScalingTest, Llama3) {
  ExpectScaled(
      R"("rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
         "original_max_position_embeddings": 1024)",
      {1, 0.316227764F, 0.100000001F, 0.0316227786F, 0.00308676064F, 0.000395284733F,
       0.000125000006F, 3.95284733e-05F},
      1);
}

TEST(RotaryScalingTest, Yarn) {
  const std::string trained = R"("rope_type": "yarn", "original_max_position_embeddings": 1024,)";
  const std::vector<float> common = {1,         0.316227764F,    0.0812500045F,   0.0197642371F,
                                     0.004375F, 0.000790569466F, 0.000250000012F, 7.90569466e-05F};
  ExpectScaled(trained + R"("factor": 4.0)", common, 1.13862944F);
  ExpectScaled(trained + R"("factor": 4.0, "attention_factor": 0.9)", common, 0.9F);
  ExpectScaled(trained + R"("factor": 4.0, "truncate": false, "beta_fast": 16, "beta_slow": 2,
                            "mscale": 0.7, "mscale_all_dim": 0.3)",
               {1, 0.316227764F, 0.100000001F, 0.0187018048F, 0.00249999994F, 0.000790569466F,
                0.000250000012F, 7.90569466e-05F},
               1.05323768F);
  ExpectScaled(trained + R"("factor": 0.5)",
               {1, 0.316227764F, 0.125F, 0.0474341661F, 0.0175000001F, 0.00632455572F,
                0.00200000009F, 0.000632455572F},
               1);
}

TEST(RotaryScalingTest, NoScalingWithinThePositions) {
  for (const char* fields : {"", R"("rope_type": "default")", R"("type": "default")",
                             R"("rope_type": "dynamic", "factor": 2.0)"}) {
    const auto scaling = Read(fields);
    ASSERT_TRUE(scaling) << scaling.error().message();
    EXPECT_FALSE(*scaling) << fields;
  }
}

TEST(RotaryScalingTest, RefusesOthersAndMissingNumbers) {
  const auto refused = [](const std::string& fields, const char* field) {
    const auto scaling = Read(fields);
    ASSERT_FALSE(scaling) << fields;
    EXPECT_EQ(scaling.error().code(), StatusCode::kInvalidArgument);
    EXPECT_THAT(scaling.error().message(), HasSubstr("config.json: rope_scaling")) << fields;
    EXPECT_THAT(scaling.error().message(), HasSubstr(field)) << fields;
  };
  refused(R"("rope_type": "longrope", "factor": 2.0)", "found \"longrope\"");
  refused(R"("type": "su")", "found \"su\"");
  refused(R"("rope_type": 3)", "\"rope_type\": expected a string");
  refused(R"("rope_type": "linear")", "\"factor\"");
  refused(R"("rope_type": "yarn")", "\"factor\"");
  refused(R"("rope_type": "yarn", "factor": 0)", "\"factor\"");
  refused(R"("rope_type": "yarn", "factor": 2, "beta_fast": -1)", "\"beta_fast\"");
  refused(R"("rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0)",
          "\"high_freq_factor\"");
}

}  // namespace
}  // namespace coderank
