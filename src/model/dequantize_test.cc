// Against the tensors and values that the format's own Python package wrote
// (scripts/generate_gguf_goldens.py blocks).
#include "model/dequantize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>

#include "model/gguf.h"
#include "model/model_test_util.h"
#include "model/safetensors.h"

namespace coderank {
namespace {

class DequantizeGoldensTest : public ::testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Types, DequantizeGoldensTest,
                         ::testing::Values("F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0",
                                           "Q5_1", "Q4_K", "Q5_K", "Q6_K"));

TEST_P(DequantizeGoldensTest, EveryBitIsTheReferences) {
  const auto gguf = GgufFile::Open(TestData() / "gguf/blocks.gguf");
  ASSERT_TRUE(gguf) << gguf.error().message();
  const auto file = MappedFile::Open(TestData() / "gguf/blocks.safetensors");
  ASSERT_TRUE(file) << file.error().message();
  const auto goldens = ParseSafetensors(file->bytes(), "blocks.safetensors");
  ASSERT_TRUE(goldens) << goldens.error().message();

  const GgufTensor& tensor = gguf->content.tensors.at(GetParam());
  const TensorView& golden = goldens->at(GetParam());
  EXPECT_EQ(tensor.type->name, GetParam());
  EXPECT_EQ(tensor.shape, golden.shape);
  const auto values = ToFloats(tensor.type->name, tensor.data);
  const auto expected = ToFloats("F32", golden.data);
  ASSERT_TRUE(values && expected);
  ASSERT_EQ(values->size(), expected->size());
  for (size_t i = 0; i < values->size(); ++i) {
    ASSERT_EQ(std::bit_cast<uint32_t>((*values)[i]), std::bit_cast<uint32_t>((*expected)[i]))
        << "element " << i << ": " << (*values)[i] << " and " << (*expected)[i];
  }
}

TEST(DequantizeTest, OtherTypesAreNot) {
  const auto gguf = GgufFile::Open(TestData() / "gguf/blocks.gguf");
  ASSERT_TRUE(gguf) << gguf.error().message();
  const GgufTensor& tensor = gguf->content.tensors.at("Q2_K");
  EXPECT_FALSE(ToFloats(tensor.type->name, tensor.data));
  EXPECT_FALSE(ToFloats("I32", tensor.data));
}

TEST(DequantizeTest, EveryTypeThatMessagesNameIsRead) {
  for (const uint32_t id : {0U, 1U, 30U, 8U, 2U, 3U, 6U, 7U, 12U, 13U, 14U}) {
    const GgmlType* type = FindGgmlType(id);
    ASSERT_NE(type, nullptr) << id;
    EXPECT_THAT(std::string(kGgufTypes), ::testing::HasSubstr(std::string(type->name)));
    const std::vector<std::byte> blocks(3 * type->bytes);
    const auto values = ToFloats(type->name, blocks);
    ASSERT_TRUE(values) << type->name;
    EXPECT_EQ(values->size(), 3 * type->elements);
  }
}

}  // namespace
}  // namespace coderank
