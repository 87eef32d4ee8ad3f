#include "engine/tree_changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <optional>
#include <string>

#include "support/temp_dir.h"

namespace coderank {
namespace {

using ::testing::ElementsAre;

class TreeChangesTest : public ::testing::Test {
 protected:
  TreeChangesTest() {
    auto lock = IndexLock::Acquire(folder_.path(), [] { return false; });
    store_.emplace(*IndexStore::OpenForWriting(folder_.path(), *std::move(lock), "id"));
    for (const char* path : {"a/b.cc", "a.cc", "a0.cc", "z.cc"}) AddToBoth(path);
  }

  void AddToBoth(const std::string& path) {
    tree_.Write(path, path);
    struct stat info {};
    ASSERT_EQ(::stat((tree_.path() / path).c_str(), &info), 0);
    const FileStamp stamp{
        .size = static_cast<uint64_t>(info.st_size),
        .mtime_ns = int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec,
        .inode = info.st_ino};
    ASSERT_TRUE(store_->ReplaceFile({.path = path, .stamp = stamp, .language = {}}, {}).ok());
  }
  TreeComparison Compare() const {
    return *CompareTree(*store_, tree_.path(), {}, std::chrono::milliseconds(0), nullptr);
  }
  TreeChanges At(const std::vector<std::string>& paths) const {
    return CompareAt(*store_, tree_.path(), {}, paths)->changes;
  }
  static std::vector<std::string> Paths(const TreeChanges& changes) {
    std::vector<std::string> paths;
    for (const WalkedFile& file : changes.present) paths.push_back(file.path);
    return paths;
  }

  testing::TempDir folder_;
  testing::TempDir tree_;
  std::optional<IndexStore> store_;
};

TEST_F(TreeChangesTest, EqualTreesDoNotDiffer) {
  const TreeComparison found = Compare();
  EXPECT_TRUE(found.complete);
  EXPECT_EQ(found.total(), 0U);
  EXPECT_TRUE(At({"a.cc", "a/b.cc"}).empty());
}

TEST_F(TreeChangesTest, FindsNewChangedAndRemovedFilesAnywhereInTheOrder) {
  tree_.Write("0.cc", "new, first");
  tree_.Write("a/b.cc", "changed");
  tree_.Write("a/c.cc", "new");
  tree_.Write("zz.cc", "new, last");
  std::filesystem::remove(tree_.path() / "a.cc");
  std::filesystem::remove(tree_.path() / "z.cc");
  const TreeComparison found = Compare();
  EXPECT_EQ(found.new_files, 3U);
  EXPECT_EQ(found.changed_files, 1U);
  EXPECT_EQ(found.removed_files, 2U);
  EXPECT_THAT(Paths(found.changes), ElementsAre("0.cc", "a/b.cc", "a/c.cc", "zz.cc"));
  EXPECT_THAT(found.changes.gone, ElementsAre("a.cc", "z.cc"));
  const TreeChanges some = At({"0.cc", "a.cc", "a0.cc", "never", "a/b.cc/x"});
  EXPECT_THAT(Paths(some), ElementsAre("0.cc"));
  EXPECT_THAT(some.gone, ElementsAre("a.cc"));
}

TEST_F(TreeChangesTest, FileThatARuleNowLeavesOutIsGone) {
  tree_.Write(".gitignore", "a/\n*0.cc\n");
  EXPECT_THAT(Compare().changes.gone, ElementsAre("a/b.cc", "a0.cc"));
  EXPECT_THAT(At({"a/b.cc", "a0.cc"}).gone, ElementsAre("a/b.cc", "a0.cc"));
}

TEST_F(TreeChangesTest, KnownBinaryFileIsNotNewUntilItChanges) {
  tree_.Write("data", "12345");
  struct stat info {};
  ASSERT_EQ(::stat((tree_.path() / "data").c_str(), &info), 0);
  SkippedRecord record{.path = "data", .reason = "binary", .detail = {}, .size = 5};
  record.mtime_ns = int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
  record.inode = info.st_ino;
  ASSERT_TRUE(store_->ReplaceSkipped(std::vector{record}).ok());
  EXPECT_EQ(Compare().total(), 0U);
  tree_.Write("data", "123456");
  EXPECT_EQ(Compare().new_files, 1U);
}

TEST_F(TreeChangesTest, FileReadJustAfterItsChangeIsLookedAtAndNotCounted) {
  FileStamp stamp = *store_->FileAt("a.cc").value();
  stamp.mtime_ns = -stamp.mtime_ns;
  ASSERT_TRUE(store_->UpdateStamp(stamp).ok());
  const TreeComparison found = Compare();
  EXPECT_EQ(found.total(), 0U);
  EXPECT_THAT(Paths(found.changes), ElementsAre("a.cc"));
}

TEST_F(TreeChangesTest, CancelledComparisonSaysSo) {
  CancellationToken cancel;
  cancel.Cancel();
  const auto found = CompareTree(*store_, tree_.path(), {}, std::chrono::milliseconds(0), &cancel);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), StatusCode::kCancelled);
}

}  // namespace
}  // namespace coderank
