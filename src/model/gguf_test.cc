#include "model/gguf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "support/gguf_writer.h"

namespace coderank {
namespace {

using ::testing::ElementsAre;
using testing::GgufWriter;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr uint64_t kHuge = std::numeric_limits<uint64_t>::max();

std::span<const std::byte> AsBytes(std::string_view text) { return std::as_bytes(std::span(text)); }

template <typename T>
std::string BytesOf(T value) {
  return GgufWriter::Bytes(value);
}

// The message of the error that the file must give.
std::string ErrorOf(const GgufWriter& writer) {
  const std::string file = writer.File();
  const auto gguf = ParseGguf(AsBytes(file), "x.gguf");
  EXPECT_FALSE(gguf);
  if (gguf) return "";
  EXPECT_THAT(gguf.error().message(), HasSubstr("x.gguf: "));
  return gguf.error().message();
}

GgufWriter SmallFile() {
  GgufWriter writer;
  writer.Text("general.architecture", "bert");
  writer.Uint("bert.block_count", 7);
  writer.Float("bert.epsilon", 0.5F);
  writer.Flag("flag", true);
  writer.Texts("words", {"a", "", "\xc3\xa9"});
  writer.Ints("types", {1, -2, 3});
  writer.Tensor("m", {2, 3}, GgufWriter::kF32, std::string(24, 'x'));
  writer.Tensor("v", {5}, GgufWriter::kF16, std::string(10, 'y'));
  return writer;
}

TEST(GgufTest, ReadsMetadataAndTensors) {
  for (const uint32_t version : {2U, 3U}) {
    GgufWriter writer = SmallFile();
    writer.version = version;
    const std::string file = writer.File();
    const auto gguf = ParseGguf(AsBytes(file), "x.gguf");
    ASSERT_TRUE(gguf) << gguf.error().message();
    const GgufMetadata& metadata = gguf->metadata;
    EXPECT_EQ(*metadata.RequiredText("general.architecture"), "bert");
    EXPECT_EQ(*metadata.RequiredInteger("bert.block_count", 0, 100), 7U);
    EXPECT_EQ(*metadata.Number("bert.epsilon"), 0.5);
    EXPECT_EQ(*metadata.Flag("flag"), true);
    EXPECT_THAT(**metadata.Texts("words", 3), ElementsAre("a", "", "\xc3\xa9"));
    EXPECT_THAT(**metadata.Integers("types", 3), ElementsAre(1, -2, 3));
    ASSERT_THAT(gguf->tensors, SizeIs(2));
    const GgufTensor& matrix = gguf->tensors.at("m");
    EXPECT_THAT(matrix.shape, ElementsAre(2, 3)) << "row-major";
    EXPECT_EQ(matrix.type->name, "F32");
    EXPECT_EQ(static_cast<char>(matrix.data.front()), 'x');
    EXPECT_THAT(gguf->tensors.at("v").data, SizeIs(10));
  }
}

TEST(GgufTest, EveryValueTypeIsRead) {
  const std::pair<uint32_t, std::string> integers[] = {
      {0, BytesOf(uint8_t{100})},   {1, BytesOf(int8_t{100})},   {2, BytesOf(uint16_t{100})},
      {3, BytesOf(int16_t{100})},   {4, BytesOf(uint32_t{100})}, {5, BytesOf(int32_t{100})},
      {10, BytesOf(uint64_t{100})}, {11, BytesOf(int64_t{100})}};
  GgufWriter writer;
  for (const auto& [type, bytes] : integers) {
    writer.Value("i" + std::to_string(type), type, bytes);
    writer.Value("a" + std::to_string(type), GgufWriter::kArray,
                 BytesOf(type) + BytesOf(uint64_t{2}) + bytes + bytes);
  }
  writer.Value("f64", 12, BytesOf(0.25));
  const std::string file = writer.File();
  const auto gguf = ParseGguf(AsBytes(file), "x.gguf");
  ASSERT_TRUE(gguf) << gguf.error().message();
  for (const auto& [type, bytes] : integers) {
    const std::string name = std::to_string(type);
    EXPECT_EQ(*gguf->metadata.RequiredInteger("i" + name, 0, 100), 100U) << type;
    EXPECT_EQ(*gguf->metadata.Number("i" + name), 100.0) << type;
    EXPECT_THAT(**gguf->metadata.Integers("a" + name, 2), ElementsAre(100, 100)) << type;
  }
  EXPECT_EQ(*gguf->metadata.Number("f64"), 0.25);
}

TEST(GgufTest, ArraysOfArraysArePassedOver) {
  std::string nested = BytesOf(GgufWriter::kArray) + BytesOf(uint64_t{2});
  for (int i = 0; i < 2; ++i) {
    nested += BytesOf(GgufWriter::kString) + BytesOf(uint64_t{1}) + GgufWriter::String("s");
  }
  GgufWriter writer;
  writer.Value("nested", GgufWriter::kArray, nested);
  writer.Uint("after", 5);
  const std::string file = writer.File();
  const auto gguf = ParseGguf(AsBytes(file), "x.gguf");
  ASSERT_TRUE(gguf) << gguf.error().message();
  EXPECT_EQ(*gguf->metadata.RequiredInteger("after", 0, 9), 5U);
  EXPECT_FALSE(gguf->metadata.Texts("nested", 9));
}

TEST(GgufTest, WrongValuesNameKeyExpectedAndFound) {
  GgufWriter writer = SmallFile();
  writer.Value("negative", GgufWriter::kInt32, BytesOf(int32_t{-3}));
  writer.Value("two", GgufWriter::kBool, "\x02");
  writer.Text("bytes", "\xff");
  writer.Texts("bad words", {"a", "\xff"});
  const std::string file = writer.File();
  const auto gguf = ParseGguf(AsBytes(file), "x.gguf");
  ASSERT_TRUE(gguf) << gguf.error().message();
  const GgufMetadata& metadata = gguf->metadata;
  EXPECT_EQ(metadata.RequiredInteger("flag", 0, 9).error().message(),
            "x.gguf: key \"flag\": expected a whole number from 0 to 9, found a boolean of 1");
  EXPECT_THAT(metadata.RequiredInteger("negative", 0, 9).error().message(), HasSubstr("found -3"));
  EXPECT_THAT(metadata.RequiredInteger("bert.block_count", 8, 9).error().message(),
              HasSubstr("from 8 to 9, found 7"));
  EXPECT_THAT(metadata.RequiredInteger("none", 0, 9).error().message(), HasSubstr("found nothing"));
  EXPECT_THAT(metadata.RequiredText("types").error().message(), HasSubstr("found an array of 3"));
  EXPECT_FALSE(metadata.Flag("two"));
  EXPECT_FALSE(metadata.Flag("bert.block_count"));
  EXPECT_FALSE(metadata.Number("words"));
  EXPECT_FALSE(metadata.Text("bytes"));
  EXPECT_THAT(metadata.Texts("bad words", 9).error().message(), HasSubstr("element 1"));
  EXPECT_FALSE(metadata.Texts("types", 9));
  EXPECT_FALSE(metadata.Texts("words", 2)) << "too long";
  EXPECT_FALSE(metadata.Integers("words", 9));
  EXPECT_FALSE(metadata.Integers("flag", 9));
  EXPECT_FALSE(*metadata.Integers("none", 9)) << "missing is not wrong";
}

TEST(GgufTest, EveryCutFileIsAnError) {
  const std::string file = SmallFile().File();
  for (size_t size = 0; size < file.size(); ++size) {
    // A copy, so that the address sanitizer sees a read beyond the cut.
    const std::vector<std::byte> cut(AsBytes(file).begin(),
                                     AsBytes(file).begin() + static_cast<ptrdiff_t>(size));
    const auto gguf = ParseGguf(cut, "x.gguf");
    ASSERT_FALSE(gguf) << "cut to " << size;
    EXPECT_THAT(gguf.error().message(), HasSubstr("x.gguf: "));
    EXPECT_EQ(gguf.error().code(), StatusCode::kCorrupt) << gguf.error().message();
  }
}

TEST(GgufTest, OtherFilesAndVersionsAreRefused) {
  EXPECT_THAT(ParseGguf(AsBytes("PK\x03\x04 and more"), "x.gguf").error().message(),
              HasSubstr("expected a GGUF file"));
  for (const auto& [version, found] :
       {std::pair{0U, "found 0"}, std::pair{1U, "found 1"}, std::pair{4U, "found 4"},
        std::pair{0x03000000U, "found a big-endian file"}}) {
    GgufWriter writer = SmallFile();
    writer.version = version;
    EXPECT_THAT(ErrorOf(writer), HasSubstr(found));
  }
}

TEST(GgufTest, HugeCountsAndLengthsAreErrorsAtOnce) {
  const std::string head = "GGUF" + BytesOf(uint32_t{3});
  const std::string text(1000, '\0');
  for (const uint64_t count : {uint64_t{65'537}, uint64_t{1} << 32, kHuge}) {
    const std::string pairs = head + BytesOf(uint64_t{0}) + BytesOf(count) + text;
    EXPECT_THAT(ParseGguf(AsBytes(pairs), "x").error().message(), HasSubstr("metadata pairs"));
    const std::string tensors = head + BytesOf(count) + BytesOf(uint64_t{0}) + text;
    EXPECT_THAT(ParseGguf(AsBytes(tensors), "x").error().message(), HasSubstr("of tensors"));
    const std::string key = head + BytesOf(uint64_t{0}) + BytesOf(uint64_t{1}) + BytesOf(count);
    EXPECT_THAT(ParseGguf(AsBytes(key + text), "x").error().message(), HasSubstr("metadata key 0"));
  }
  for (const uint32_t type : {0U, 3U, 4U, 10U, GgufWriter::kString, GgufWriter::kArray}) {
    for (const uint64_t count : {uint64_t{1} << 30, uint64_t{1} << 61, kHuge}) {
      GgufWriter writer;
      writer.Value("k", GgufWriter::kArray, BytesOf(type) + BytesOf(count) + text);
      EXPECT_THAT(ErrorOf(writer), HasSubstr("key \"k\"")) << type << " " << count;
    }
  }
  GgufWriter writer;
  writer.Value("k", GgufWriter::kString, BytesOf(kHuge) + text);
  EXPECT_THAT(ErrorOf(writer), HasSubstr("ends early"));
}

TEST(GgufTest, BadKeysAndTypesAreErrors) {
  GgufWriter twice;
  twice.Uint("k", 1);
  twice.Uint("k", 1);
  EXPECT_THAT(ErrorOf(twice), HasSubstr("key \"k\": expected it once"));
  GgufWriter type;
  type.Value("k", 13, BytesOf(kHuge));
  EXPECT_THAT(ErrorOf(type), HasSubstr("value type from 0 to 12, found 13"));
  GgufWriter element;
  element.Value("k", GgufWriter::kArray, BytesOf(99) + BytesOf(uint64_t{0}));
  EXPECT_THAT(ErrorOf(element), HasSubstr("found 99"));
  GgufWriter deep;
  std::string nested;
  for (int i = 0; i < 100; ++i) nested += BytesOf(GgufWriter::kArray) + BytesOf(uint64_t{1});
  deep.Value("k", GgufWriter::kArray, nested);
  EXPECT_THAT(ErrorOf(deep), HasSubstr("nest deeper"));
  GgufWriter empty;
  empty.Uint("", 1);
  EXPECT_THAT(ErrorOf(empty), HasSubstr("metadata key 0: expected 1 to"));
  GgufWriter bytes;
  bytes.Uint("\xff", 1);
  EXPECT_THAT(ErrorOf(bytes), HasSubstr("expected UTF-8"));
}

TEST(GgufTest, BadTensorsAreErrors) {
  struct Case {
    std::vector<uint64_t> shape;
    uint32_t type;
    uint64_t offset;
    const char* message;
  };
  const uint64_t half = uint64_t{1} << 63;
  const Case cases[] = {
      {{2, 2, 2, 2, 2}, 0, 0, "at most 4 dimensions, found 5"},
      {{1}, 4, 0, "known tensor type, found 4"},
      {{1}, 99, 0, "known tensor type, found 99"},
      {{half, 2}, 0, 0, "overflows"},
      {{2, half / 2}, 0, 0, "overflows"},
      {{half}, 1, 0, "overflows"},
      {{1, 33}, 8, 0, "rows of a multiple of 32 elements for type Q8_0, found 33"},
      {{32, 1}, 8, 0, "rows of a multiple of 32"},
      {{65}, 0, 0, "expected 260 bytes within 256 bytes of data"},
      {{1}, 0, 256, "within 256 bytes"},
      {{1}, 0, kHuge - 31, "within 256 bytes"},
      {{8}, 0, kHuge - 31, "within 256 bytes"},
      {{1}, 0, 33, "multiple of 32, found 33"},
      {{1}, 0, 0, "(overlap)"},
      {{4}, 0, 32, "(overlap)"},
  };
  for (const Case& c : cases) {
    GgufWriter writer;
    writer.TensorAt("bad", c.shape, c.type, c.offset);
    writer.TensorAt("good", {16}, GgufWriter::kF32, 0);
    writer.Data(std::string(256, 'd'));
    const std::string message = ErrorOf(writer);
    EXPECT_THAT(message, HasSubstr(c.message));
    EXPECT_THAT(message, HasSubstr("tensor \""));
  }
  GgufWriter twice;
  twice.Tensor("t", {1}, GgufWriter::kF32, "1234");
  twice.Tensor("t", {1}, GgufWriter::kF32, "1234");
  EXPECT_THAT(ErrorOf(twice), HasSubstr("tensor \"t\": expected it once"));
  GgufWriter name;
  name.Tensor(std::string(2000, 'n'), {1}, GgufWriter::kF32, "1234");
  EXPECT_THAT(ErrorOf(name), HasSubstr("name of tensor 0"));
}

TEST(GgufTest, AlignmentIsAPowerOfTwoThatOffsetsKeep) {
  for (const uint32_t bad : {0U, 24U, 1U << 17}) {
    GgufWriter writer = SmallFile();
    writer.Uint("general.alignment", bad);
    EXPECT_THAT(ErrorOf(writer), HasSubstr("key \"general.alignment\"")) << bad;
  }
  GgufWriter text = SmallFile();
  text.Text("general.alignment", "32");
  EXPECT_THAT(ErrorOf(text), HasSubstr("found \"32\""));

  GgufWriter wide;
  wide.alignment = 128;
  wide.Uint("general.alignment", 128);
  wide.Tensor("a", {1}, GgufWriter::kF32, "1234");
  wide.Tensor("b", {1}, GgufWriter::kF32, "5678");
  const std::string file = wide.File();
  const auto gguf = ParseGguf(AsBytes(file), "x.gguf");
  ASSERT_TRUE(gguf) << gguf.error().message();
  EXPECT_EQ(static_cast<char>(gguf->tensors.at("b").data.front()), '5');
}

TEST(GgufTest, EmptyTensorsAndFilesWithoutDataAreFine) {
  GgufWriter writer;
  writer.Tensor("none", {0, 4}, GgufWriter::kF32, "");
  writer.Tensor("scalar", {}, GgufWriter::kF32, "1234");
  const std::string file = writer.File();
  const auto gguf = ParseGguf(AsBytes(file), "x.gguf");
  ASSERT_TRUE(gguf) << gguf.error().message();
  EXPECT_THAT(gguf->tensors.at("scalar").data, SizeIs(4));
  EXPECT_TRUE(ParseGguf(AsBytes(GgufWriter().File()), "x.gguf"));
}

}  // namespace
}  // namespace coderank
