#include "snapshot/snapshot_header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "base/checksum.h"

namespace coderank {
namespace {

using ::testing::HasSubstr;

SnapshotHeader Example() {
  SnapshotHeader header{.packed_bytes = 100,
                        .database_bytes = 300,
                        .files = 3,
                        .chunks = 5,
                        .embedded_chunks = 4,
                        .dimension = 32,
                        .name = "project",
                        .model = "tiny",
                        .fingerprint = "abc",
                        .indexed_at = "2026-01-02T03:04:05Z",
                        .exported_at = "2026-01-02T03:05:05Z",
                        .made_by = "1.2.3"};
  header.sha256.fill(7);
  return header;
}

Result<ParsedHeader> Parse(const std::string& bytes) {
  return ParseHeader(std::as_bytes(std::span(bytes)), "FILE");
}

// With the checksum of what it is now, as somebody writes it who wants to be believed.
std::string Sealed(std::string bytes) {
  const uint64_t sum = Checksum64(std::string_view(bytes).substr(0, bytes.size() - sizeof(sum)));
  std::memcpy(bytes.data() + bytes.size() - sizeof(sum), &sum, sizeof(sum));
  return bytes;
}

template <typename T>
std::string WithNumber(size_t offset, T value) {
  std::string bytes = EncodeHeader(Example());
  std::memcpy(bytes.data() + offset, &value, sizeof(value));
  return Sealed(bytes);
}

TEST(SnapshotHeaderTest, ComesBackAsItWasWritten) {
  const std::string bytes = EncodeHeader(Example());
  const auto parsed = Parse(bytes + "what follows");
  ASSERT_TRUE(parsed) << parsed.error().message();
  EXPECT_EQ(parsed->header, Example());
  EXPECT_EQ(parsed->bytes, bytes.size());
}

TEST(SnapshotHeaderTest, TextsAreShortenedBetweenCharacters) {
  SnapshotHeader header = Example();
  header.name = std::string(SnapshotHeader::kMostText - 1, 'x') + "\u00e9\xff";
  const auto parsed = Parse(EncodeHeader(header));
  ASSERT_TRUE(parsed) << parsed.error().message();
  EXPECT_EQ(parsed->header.name, std::string(SnapshotHeader::kMostText - 1, 'x'));
}

TEST(SnapshotHeaderTest, EveryCutAndEveryFlippedByteIsNoticed) {
  const std::string bytes = EncodeHeader(Example());
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(Parse(bytes.substr(0, size))) << size;
  }
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
    EXPECT_FALSE(Parse(flipped)) << at;
  }
}

TEST(SnapshotHeaderTest, SaysWhatIsWrong) {
  EXPECT_THAT(Parse("SQLite format 3 and so on, as long as a header").error().message(),
              HasSubstr("FILE: is no snapshot"));
  EXPECT_THAT(Parse("short").error().message(), HasSubstr("FILE: is no snapshot"));
  EXPECT_THAT(Parse(WithNumber(8, uint32_t{2})).error().message(), HasSubstr("format 2"));
  EXPECT_EQ(Parse(WithNumber(8, uint32_t{2})).error().code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(Parse(WithNumber(12, ~uint32_t{0})).error().message(), HasSubstr("4096"));
  EXPECT_THAT(Parse(WithNumber(12, uint32_t{0})).error().message(), HasSubstr("found 0"));
  EXPECT_THAT(Parse(WithNumber(16, uint64_t{0})).error().message(), HasSubstr("in 0"));
  // 100 bytes that say they are a terabyte.
  EXPECT_THAT(Parse(WithNumber(24, uint64_t{1} << 40)).error().message(), HasSubstr("16 times"));
  EXPECT_THAT(Parse(WithNumber(92, uint16_t{0xFFFF})).error().message(), HasSubstr("at most 512"));
  EXPECT_THAT(Parse(WithNumber(94, '\xff')).error().message(), HasSubstr("UTF-8"));
}

}  // namespace
}  // namespace coderank
