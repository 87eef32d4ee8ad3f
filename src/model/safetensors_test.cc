#include "model/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "model/model_test_util.h"

namespace coderank {
namespace {

using ::testing::HasSubstr;

Result<TensorMap> Parse(std::string_view bytes) {
  return ParseSafetensors(std::as_bytes(std::span(bytes)), "weights.safetensors");
}

std::string TwoTensors() {
  return SafetensorsBytes("{\"__metadata__\":{\"format\":\"pt\"}," +
                              TensorJson("a", "F32", "[2,1]", 0, 8) + "," +
                              TensorJson("b", "I64", "[]", 8, 16) + "}  ",
                          std::string(16, 'x'));
}

// The message names the file and says `problem`.
void ExpectCorrupt(std::string_view bytes, std::string_view problem) {
  const auto tensors = Parse(bytes);
  ASSERT_FALSE(tensors) << problem;
  EXPECT_EQ(tensors.error().code(), StatusCode::kCorrupt);
  EXPECT_THAT(tensors.error().message(), HasSubstr("weights.safetensors"));
  EXPECT_THAT(tensors.error().message(), HasSubstr(std::string(problem)));
}

void ExpectCorruptHeader(std::string_view header, std::string_view problem, size_t data = 8) {
  ExpectCorrupt(SafetensorsBytes(header, std::string(data, '\0')), problem);
}

TEST(SafetensorsTest, ReadsTensorsInPlace) {
  const std::string bytes = TwoTensors();
  const auto tensors = Parse(bytes);
  ASSERT_TRUE(tensors) << tensors.error().message();
  ASSERT_EQ(tensors->size(), 2U);
  const TensorView& a = tensors->at("a");
  EXPECT_EQ(a.dtype, "F32");
  EXPECT_EQ(a.shape, (std::vector<uint64_t>{2, 1}));
  EXPECT_EQ(a.data.size(), 8U);
  EXPECT_EQ(static_cast<const void*>(a.data.data()), bytes.data() + bytes.size() - 16);
  EXPECT_TRUE(tensors->at("b").shape.empty());
}

TEST(SafetensorsTest, EmptyTensorsAndNoTensorsAreAllowed) {
  EXPECT_TRUE(Parse(SafetensorsBytes("{}", "")));
  EXPECT_TRUE(Parse(SafetensorsBytes(
      "{" + TensorJson("a", "F32", "[0,5]", 0, 0) + "," + TensorJson("b", "U8", "[1]", 0, 1) + "}",
      "x")));
}

TEST(SafetensorsTest, TruncationAtAnyLengthIsAnError) {
  const std::string bytes = TwoTensors();
  for (size_t length = 0; length < bytes.size(); ++length) {
    const auto tensors = Parse(std::string_view(bytes).substr(0, length));
    ASSERT_FALSE(tensors) << length;
    EXPECT_THAT(tensors.error().message(), HasSubstr("weights.safetensors"));
  }
}

TEST(SafetensorsTest, EveryByteChangedIsHandled) {
  const std::string bytes = TwoTensors();
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (const char byte : {'\0', '"', '{', '9', '\xff'}) {
      std::string changed = bytes;
      changed[i] = byte;
      const auto tensors = Parse(changed);  // must not crash; most are errors
      if (!tensors) {
        EXPECT_EQ(tensors.error().code(), StatusCode::kCorrupt);
      }
    }
  }
}

TEST(SafetensorsTest, HeaderLengthIsLimited) {
  std::string bytes = TwoTensors();
  bytes[5] = 1;  // 2^40
  ExpectCorrupt(bytes, "header length: expected at most");
  bytes.assign(8, '\xff');
  ExpectCorrupt(bytes, "header length");
}

TEST(SafetensorsTest, DataMustBeCoveredExactly) {
  ExpectCorruptHeader("{" + TensorJson("a", "F32", "[1]", 4, 8) + "}", "(hole)");
  ExpectCorruptHeader(
      "{" + TensorJson("a", "F32", "[2]", 0, 8) + "," + TensorJson("b", "F32", "[1]", 4, 8) + "}",
      "(overlap)");
  ExpectCorruptHeader("{" + TensorJson("a", "F32", "[1]", 0, 4) + "}",
                      "expected 4 bytes of data after the header, found 8");
  ExpectCorruptHeader("{" + TensorJson("a", "F32", "[4]", 0, 16) + "}", "within 8 bytes");
  ExpectCorruptHeader("{" + TensorJson("a", "F32", "[2]", 8, 0) + "}", "found 8 to 0");
}

TEST(SafetensorsTest, SizeMustFollowFromShapeAndType) {
  ExpectCorruptHeader("{" + TensorJson("a", "F32", "[3]", 0, 8) + "}", "expected 12 bytes");
  ExpectCorruptHeader("{" + TensorJson("a", "F99", "[2]", 0, 8) + "}", "found \"F99\"");
  // 2^33 * 2^33 * 4 wraps to 0 in 64 bits.
  ExpectCorruptHeader("{" + TensorJson("a", "F32", "[8589934592,8589934592]", 0, 0) + "}",
                      "overflows", 0);
  ExpectCorruptHeader("{" + TensorJson("a", "F32", "[18446744073709551616]", 0, 8) + "}",
                      "too large number");
}

TEST(SafetensorsTest, NamesAndFieldsMustBeUnique) {
  ExpectCorruptHeader(
      "{" + TensorJson("a", "F32", "[1]", 0, 4) + "," + TensorJson("a", "F32", "[1]", 4, 8) + "}",
      "\"a\": the name appears twice");
  ExpectCorruptHeader("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}", "appears twice");
}

TEST(SafetensorsTest, HeaderGrammarIsChecked) {
  ExpectCorruptHeader("", "syntax error");
  ExpectCorruptHeader("[]", "found an array out of place");
  ExpectCorruptHeader("3", "found a number out of place");
  ExpectCorruptHeader("{\"a\":5}", "\"a\"");
  ExpectCorruptHeader("{\"a\":{}}", "field \"dtype\" is missing");
  ExpectCorruptHeader("{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", "\"data_offsets\" is missing");
  ExpectCorruptHeader("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}}",
                      "expected 2 numbers, found 1");
  ExpectCorruptHeader("{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}",
                      "negative number");
  ExpectCorruptHeader("{\"a\":{\"dtype\":\"F32\",\"shape\":[2.5],\"data_offsets\":[0,8]}}",
                      "fractional");
  ExpectCorruptHeader("{\"a\":{\"dtype\":\"F32\",\"shape\":2,\"data_offsets\":[0,8]}}",
                      "found a number out of place");
  ExpectCorruptHeader("{\"a\":{\"dtype\":4}}", "found a number out of place");
  ExpectCorruptHeader("{\"a\":{\"extra\":4}}", "found field \"extra\"");
  ExpectCorruptHeader("{\"__metadata__\":{\"x\":[]}}", "found an array");
  ExpectCorruptHeader("{\"a\":{\"dtype\":\"F32\"", "syntax error");
  ExpectCorruptHeader("{} {}", "syntax error");
}

// A megabyte of opening brackets ends at the first one that has no place.
TEST(SafetensorsTest, DeepNestingIsRefusedAtOnce) {
  ExpectCorruptHeader(std::string(1 << 20, '['), "found an array out of place");
  std::string objects;
  for (int i = 0; i < 100000; ++i) objects += "{\"a\":";
  ExpectCorruptHeader(objects, "found field \"a\"");
}

}  // namespace
}  // namespace coderank
