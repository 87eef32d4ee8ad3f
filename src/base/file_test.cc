#include "base/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/temp_dir.h"

namespace coderank {
namespace {

using ::testing::HasSubstr;

TEST(FileTest, ReadRespectsTheLimitExactly) {
  const testing::TempDir dir;
  dir.Write("ten", "0123456789");
  EXPECT_EQ(*ReadFile(dir.path() / "ten", 10), "0123456789");
  const auto over = ReadFile(dir.path() / "ten", 9);
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().code(), StatusCode::kResourceExhausted);
  EXPECT_THAT(over.error().message(), HasSubstr("ten: larger than the limit of 9 bytes"));
}

TEST(FileTest, EndlessFileStopsAtTheLimit) {
  const auto zeros = ReadFile("/dev/zero", 1 << 20);
  ASSERT_FALSE(zeros);
  EXPECT_EQ(zeros.error().code(), StatusCode::kResourceExhausted);
}

TEST(FileTest, ErrorsNameTheFile) {
  const auto missing = ReadFile("/nonexistent/file", 1);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), StatusCode::kNotFound);
  EXPECT_THAT(missing.error().message(), HasSubstr("/nonexistent/file"));
}

TEST(FileTest, AtomicWriteReplacesAndIsPrivate) {
  const testing::TempDir dir;
  const auto path = dir.path() / "state";
  ASSERT_TRUE(WriteFileAtomically(path, "one").ok());
  ASSERT_TRUE(WriteFileAtomically(path, "two").ok());
  EXPECT_EQ(*ReadFile(path, 100), "two");
  struct stat info {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir.path()), {}), 1)
      << "no temporary file is left behind";
}

TEST(FileTest, AtomicWriteIntoMissingFolderFails) {
  const testing::TempDir dir;
  EXPECT_EQ(WriteFileAtomically(dir.path() / "none" / "x", "").code(), StatusCode::kNotFound);
}

TEST(FileTest, PrivateFoldersAreCreatedWithParents) {
  const testing::TempDir dir;
  const auto path = dir.path() / "a" / "b";
  ASSERT_TRUE(CreatePrivateFolder(path).ok());
  ASSERT_TRUE(CreatePrivateFolder(path).ok());
  struct stat info {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0700U);
}

TEST(MappedFileTest, MapsContentAndRefusesFolders) {
  const testing::TempDir dir;
  dir.Write("data", "abc");
  dir.Write("empty", "");
  const auto file = MappedFile::Open(dir.path() / "data");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->bytes().size(), 3U);
  EXPECT_EQ(static_cast<char>(file->bytes()[2]), 'c');
  EXPECT_EQ(MappedFile::Open(dir.path() / "empty")->bytes().size(), 0U);
  EXPECT_EQ(MappedFile::Open(dir.path()).error().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace coderank
