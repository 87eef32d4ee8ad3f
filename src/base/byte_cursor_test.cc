#include "base/byte_cursor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace coderank {
namespace {

std::vector<std::byte> Bytes(std::initializer_list<int> values) {
  std::vector<std::byte> bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

TEST(ByteCursorTest, ReadsLittleEndian) {
  const auto bytes = Bytes({0x01, 0x02, 0x03, 0x04, 0xff, 'o', 'k'});
  ByteCursor cursor(bytes, "file");
  EXPECT_EQ(*cursor.Read<uint32_t>(), 0x04030201U);
  EXPECT_EQ(*cursor.Read<int8_t>(), -1);
  EXPECT_EQ(*cursor.ReadText(2), "ok");
  EXPECT_EQ(cursor.remaining(), 0U);
}

TEST(ByteCursorTest, DigestsAreReadWhole) {
  std::vector<std::byte> bytes(sizeof(Sha256Digest) + 1, std::byte{7});
  ByteCursor cursor(bytes, "file");
  ASSERT_TRUE(cursor.Read<uint8_t>());
  Sha256Digest expected{};
  expected.fill(7);
  EXPECT_EQ(*cursor.ReadDigest(), expected);
  EXPECT_FALSE(cursor.ReadDigest());
}

TEST(ByteCursorTest, TruncationNamesSourceOffsetAndSizes) {
  const auto bytes = Bytes({1, 2, 3});
  ByteCursor cursor(bytes, "weights.bin");
  ASSERT_TRUE(cursor.Read<uint8_t>());
  const auto value = cursor.Read<uint64_t>();
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code(), StatusCode::kCorrupt);
  EXPECT_EQ(value.error().message(),
            "weights.bin: ends early: expected 8 bytes at offset 1, found 2");
  EXPECT_EQ(cursor.position(), 1U) << "a failed read moves nothing";
}

TEST(ByteCursorTest, HugeCountsDoNotOverflow) {
  const auto bytes = Bytes({1, 2, 3});
  ByteCursor cursor(bytes, "f");
  ASSERT_TRUE(cursor.Read<uint8_t>());
  EXPECT_FALSE(cursor.ReadBytes(std::numeric_limits<uint64_t>::max()));
  EXPECT_FALSE(cursor.ReadText(3));
  EXPECT_TRUE(cursor.ReadText(2));
}

}  // namespace
}  // namespace coderank
