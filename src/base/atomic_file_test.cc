#include "base/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <iterator>
#include <string>

#include "support/temp_dir.h"

namespace coderank {
namespace {

using testing::TempDir;

size_t FilesIn(const std::filesystem::path& folder) {
  return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

TEST(AtomicFile, StandsWholeAfterCommit) {
  const TempDir folder;
  const auto path = folder.path() / "file";
  folder.Write("file", "old");
  auto file = AtomicFile::Create(path);
  ASSERT_TRUE(file.has_value());
  std::string expected;
  for (int i = 0; i < 100'000; ++i) {
    const std::string piece = std::to_string(i) + " ";
    ASSERT_TRUE(file->Append(piece).ok());
    expected += piece;
  }
  EXPECT_EQ(file->size(), expected.size());
  ASSERT_TRUE(file->Overwrite(2, "XYZ").ok());
  expected.replace(2, 3, "XYZ");
  EXPECT_EQ(*ReadFile(path, 1 << 20), "old");
  ASSERT_TRUE(file->Commit().ok());
  EXPECT_EQ(*ReadFile(path, 1 << 20), expected);
  EXPECT_EQ(FilesIn(folder.path()), 1U);
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST(AtomicFile, LeavesNothingWithoutCommit) {
  const TempDir folder;
  {
    auto file = AtomicFile::Create(folder.path() / "file");
    ASSERT_TRUE(file.has_value());
    ASSERT_TRUE(file->Append("abc").ok());
    // A file that was moved from does not remove what the new owner writes.
    const AtomicFile moved = *std::move(file);
    EXPECT_EQ(FilesIn(folder.path()), 1U);
  }
  EXPECT_EQ(FilesIn(folder.path()), 0U);
}

TEST(AtomicFile, SaysWhereItCannotWrite) {
  const TempDir folder;
  const auto file = AtomicFile::Create(folder.path() / "none" / "file");
  ASSERT_FALSE(file.has_value());
  EXPECT_NE(file.error().message().find("none/file"), std::string::npos);
}

}  // namespace
}  // namespace coderank
