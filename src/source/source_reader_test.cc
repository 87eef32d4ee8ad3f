#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "source/walk_testing.h"

namespace coderank {
namespace {

using ::testing::HasSubstr;

class SourceReaderTest : public IsolatedWalkTest {
 protected:
  SourceReadResult Read(const std::string& content, const WalkOptions& options = {}) const {
    Write("f", content);
    auto result = ReadSourceFile(root(), "f", options);
    EXPECT_TRUE(result) << result.error().message();
    return result ? *std::move(result) : SourceReadResult{};
  }
};

TEST_F(SourceReaderTest, GivesContentAndState) {
  const auto result = Read("caf\xC3\xA9\n");
  ASSERT_TRUE(result.readable);
  EXPECT_EQ(result.file.content, "caf\xC3\xA9\n");
  EXPECT_EQ(result.file.info.path, "f");
  EXPECT_EQ(result.file.info.size, 6U);
  EXPECT_GT(result.file.info.mtime_ns, 0);
  EXPECT_NE(result.file.info.inode, 0U);
  EXPECT_FALSE(result.file.changed_while_reading);
  EXPECT_TRUE(Read("").readable);
}

TEST_F(SourceReaderTest, TheByteOrderMarkStaysAndIllFormedBytesAreReplaced) {
  EXPECT_EQ(Read("\xEF\xBB\xBFx").file.content, "\xEF\xBB\xBFx");
  EXPECT_EQ(Read("a\xFFz").file.content, "a\xEF\xBF\xBDz");
}

TEST_F(SourceReaderTest, BinaryFilesAreNamed) {
  const auto nul = Read(std::string("ab\0c", 4));
  EXPECT_EQ(nul.skipped.reason, SkipReason::kBinary);
  EXPECT_EQ(nul.skipped.detail, "a NUL byte at offset 2");
  EXPECT_EQ(nul.skipped.path, "f");
  EXPECT_THAT(Read(std::string("\xFF\xFE"
                               "a\0",
                               4))
                  .skipped.detail,
              HasSubstr("UTF-16"));
  EXPECT_THAT(Read("\xFE\xFF").skipped.detail, HasSubstr("UTF-16"));
  EXPECT_THAT(Read(std::string("\xFF\xFE\0\0", 4)).skipped.detail, HasSubstr("UTF-32"));
  EXPECT_EQ(Read(std::string(8191, 'x') + '\0').skipped.reason, SkipReason::kBinary);
  EXPECT_TRUE(Read(std::string(8192, 'x') + '\0').readable);
}

TEST_F(SourceReaderTest, LimitsAndMissingFiles) {
  WalkOptions options;
  options.max_file_bytes = 10;
  EXPECT_TRUE(Read(std::string(10, 'x'), options).readable);
  EXPECT_EQ(Read(std::string(11, 'x'), options).skipped.reason, SkipReason::kTooLarge);
  EXPECT_EQ(ReadSourceFile(root(), "absent", {})->skipped.reason, SkipReason::kUnreadable);
  EXPECT_EQ(ReadSourceFile(root() / "absent", "f", {}).error().code(), StatusCode::kNotFound);
}

// Files whose size says 0 and which hold more: the limit counts what is read.
TEST_F(SourceReaderTest, TheLimitHoldsWhileReading) {
  WalkOptions options;
  options.max_file_bytes = 4;
  const auto result = ReadSourceFile("/proc/self", "status", options);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->skipped.reason, SkipReason::kTooLarge);
  const auto whole = ReadSourceFile("/proc/self", "status", {});
  ASSERT_TRUE(whole);
  EXPECT_TRUE(whole->file.changed_while_reading);
}

}  // namespace
}  // namespace coderank
