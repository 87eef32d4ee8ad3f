#include "model/weight_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "model/model_test_util.h"
#include "support/temp_dir.h"

namespace coderank {
namespace {

using ::testing::HasSubstr;
using Shape = std::vector<uint64_t>;

std::string OneTensor(std::string_view name, std::string_view dtype, std::string_view shape,
                      std::string_view data) {
  return SafetensorsBytes("{" + TensorJson(name, dtype, shape, 0, data.size()) + "}", data);
}

// Opens a folder with this one file and reads tensor "a" as [2].
Result<std::vector<float>> ReadTensor(std::string_view file_bytes) {
  const testing::TempDir folder;
  folder.Write("model.safetensors", file_bytes);
  auto weights = WeightFiles::Open(folder.path());
  if (!weights) return weights.error();
  return weights->Read("a", Shape{2});
}

TEST(WeightFilesTest, ReadsEveryFloatType) {
  const std::vector<float> expected{1.5F, -2.0F};
  const auto f32 = ReadTensor(OneTensor("a", "F32", "[2]", FloatBytes(expected)));
  ASSERT_TRUE(f32) << f32.error().message();
  EXPECT_EQ(*f32, expected);
  const auto f16 =
      ReadTensor(OneTensor("a", "F16", "[2]", std::string_view("\x00\x3e\x00\xc0", 4)));
  ASSERT_TRUE(f16) << f16.error().message();
  EXPECT_EQ(*f16, expected);
  const auto bf16 =
      ReadTensor(OneTensor("a", "BF16", "[2]", std::string_view("\xc0\x3f\x00\xc0", 4)));
  ASSERT_TRUE(bf16) << bf16.error().message();
  EXPECT_EQ(*bf16, expected);
}

TEST(WeightFilesTest, WrongTensorsNameFileTensorExpectedAndFound) {
  const auto missing = ReadTensor(OneTensor("b", "F32", "[2]", FloatBytes({1, 2})));
  EXPECT_THAT(missing.error().message(),
              HasSubstr("expected a tensor \"a\" of shape [2], found none"));
  const auto shape = ReadTensor(OneTensor("a", "F32", "[1,2]", FloatBytes({1, 2})));
  EXPECT_THAT(shape.error().message(),
              HasSubstr("model.safetensors: tensor \"a\": expected shape [2], found [1, 2]"));
  const auto type = ReadTensor(OneTensor("a", "I32", "[2]", FloatBytes({1, 2})));
  EXPECT_THAT(type.error().message(), HasSubstr("expected F32, F16 or BF16, found I32"));
}

TEST(WeightFilesTest, NumbersThatAreNotFiniteAreErrors) {
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
    const auto values = ReadTensor(OneTensor("a", "F32", "[2]", FloatBytes({1, bad})));
    ASSERT_FALSE(values);
    EXPECT_EQ(values.error().code(), StatusCode::kCorrupt);
    EXPECT_THAT(values.error().message(), HasSubstr("tensor \"a\": expected finite numbers"));
    EXPECT_THAT(values.error().message(), HasSubstr("at element 1"));
  }
  const auto half =
      ReadTensor(OneTensor("a", "F16", "[2]", std::string_view("\x00\x3e\x00\x7c", 4)));
  EXPECT_FALSE(half);
}

class ShardsTest : public ::testing::Test {
 protected:
  Result<WeightFiles> Open(std::string_view weight_map) {
    folder_.Write("model.safetensors.index.json", StrCat("{\"weight_map\":", weight_map, "}"));
    return WeightFiles::Open(folder_.path());
  }
  testing::TempDir folder_;
};

TEST_F(ShardsTest, AreReadTogether) {
  folder_.Write("x.safetensors", OneTensor("a", "F32", "[2]", FloatBytes({1, 2})));
  folder_.Write("y.safetensors", OneTensor("b", "F32", "[1]", FloatBytes({3})));
  const auto weights = Open(R"({"a":"x.safetensors","b":"y.safetensors"})");
  ASSERT_TRUE(weights) << weights.error().message();
  EXPECT_TRUE(weights->Read("a", Shape{2}));
  EXPECT_TRUE(weights->Read("b", Shape{1}));
}

TEST_F(ShardsTest, SameTensorInTwoShardsIsAnError) {
  folder_.Write("x.safetensors", OneTensor("a", "F32", "[2]", FloatBytes({1, 2})));
  folder_.Write("y.safetensors", OneTensor("a", "F32", "[1]", FloatBytes({3})));
  const auto weights = Open(R"({"a":"x.safetensors","b":"y.safetensors"})");
  ASSERT_FALSE(weights);
  EXPECT_THAT(weights.error().message(), HasSubstr("tensor \"a\": already in"));
}

TEST_F(ShardsTest, NamesMayNotLeaveTheFolder) {
  for (const char* name : {"../x.safetensors", "/etc/passwd", "a\\\\b", "..", "", "d/x"}) {
    const auto weights = Open(StrCat("{\"a\":\"", name, "\"}"));
    ASSERT_FALSE(weights) << name;
    EXPECT_THAT(weights.error().message(), HasSubstr("expected a file name without a folder"));
  }
}

TEST_F(ShardsTest, BadIndexesAreErrors) {
  for (const char* map : {"[]", "{}", "null", "{\"a\":5}", "{\"a\":\"x\",\"a\":\"y\"}"}) {
    const auto weights = Open(map);
    ASSERT_FALSE(weights) << map;
    EXPECT_THAT(weights.error().message(), HasSubstr("model.safetensors.index.json"));
  }
  EXPECT_EQ(Open(R"({"a":"none.safetensors"})").error().code(), StatusCode::kNotFound);
}

TEST(WeightFilesTest, FolderWithoutWeightsIsNotFound) {
  const testing::TempDir folder;
  const auto weights = WeightFiles::Open(folder.path());
  ASSERT_FALSE(weights);
  EXPECT_EQ(weights.error().code(), StatusCode::kNotFound);
}

}  // namespace
}  // namespace coderank
