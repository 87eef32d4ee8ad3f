#include "engine/followed_trees.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "store/index_store.h"
#include "support/temp_dir.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kId = "0123456789abcdef0123456789abcdef";

class FollowedTreesTest : public ::testing::Test {
 protected:
  FollowedTreesTest() {
    auto lock = IndexLock::Acquire(folder_.path(), [] { return false; });
    store_.emplace(*IndexStore::OpenForWriting(folder_.path(), *std::move(lock), kId));
    for (const char* path : {"a.cc", "b.cc", "sub/c.cc"}) {
      tree_.Write(path, path);
      TakeIn(path);
    }
  }

  // Gives the index a file as it is in the tree.
  void TakeIn(const std::string& path) {
    struct stat info {};
    ASSERT_EQ(::stat((tree_.path() / path).c_str(), &info), 0);
    const auto known = store_->FileAt(path);
    const FileStamp stamp{
        .id = *known ? (*known)->id : 0,
        .size = static_cast<uint64_t>(info.st_size),
        .mtime_ns = int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec,
        .inode = info.st_ino};
    ASSERT_TRUE(store_->ReplaceFile({.path = path, .stamp = stamp, .language = {}}, {}).ok());
  }
  uint64_t Generation() const { return store_->Generation()->chunks; }
  IndexLocation location() const {
    return {.root = tree_.path(), .folder = folder_.path(), .subpath = {}, .id = kId};
  }

  std::optional<PossibleChanges> Changes() {
    return trees_.ChangesOf(location(), {}, Generation());
  }
  // After the comparison that is asked for here.
  std::vector<std::string> PathsOnceKnown() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (std::chrono::steady_clock::now() < deadline) {
      if (const auto changes = Changes()) return changes->paths;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return {"nothing was known after a minute"};
  }

  testing::TempDir folder_;
  testing::TempDir tree_;
  std::optional<IndexStore> store_;
  FollowedTrees trees_;
};

TEST_F(FollowedTreesTest, KnowsOfNoChangeWhereThereIsNone) {
  EXPECT_EQ(Changes(), std::nullopt) << "nothing has been compared yet";
  EXPECT_THAT(PathsOnceKnown(), IsEmpty());
}

TEST_F(FollowedTreesTest, ComparisonFindsWhatChangedBefore) {
  tree_.Write("b.cc", "changed");
  tree_.Write("d.cc", "new");
  fs::remove(tree_.path() / "a.cc");
  EXPECT_THAT(PathsOnceKnown(), ElementsAre("a.cc", "b.cc", "d.cc"));
}

TEST_F(FollowedTreesTest, ChangesAreKnownAtOnce) {
  ASSERT_THAT(PathsOnceKnown(), IsEmpty());
  tree_.Write("sub/c.cc", "changed");
  EXPECT_THAT(Changes()->paths, ElementsAre("sub/c.cc"));
  fs::rename(tree_.path() / "a.cc", tree_.path() / "e.cc");
  EXPECT_THAT(Changes()->paths, ElementsAre("a.cc", "e.cc", "sub/c.cc"));
  fs::remove(tree_.path() / "b.cc");
  EXPECT_THAT(Changes()->paths, ElementsAre("a.cc", "b.cc", "e.cc", "sub/c.cc"));
}

TEST_F(FollowedTreesTest, FoldersAndRulesAskForAComparison) {
  ASSERT_THAT(PathsOnceKnown(), IsEmpty());
  tree_.Write("made/deep/d.cc", "new");
  EXPECT_EQ(Changes(), std::nullopt);
  EXPECT_THAT(PathsOnceKnown(), ElementsAre("made/deep/d.cc"));
  tree_.Write("made/deep/e.cc", "new");
  EXPECT_THAT(Changes()->paths, ElementsAre("made/deep/d.cc", "made/deep/e.cc"))
      << "new folders are watched too";
  tree_.Write(".gitignore", "made/\nb.cc\n");
  EXPECT_EQ(Changes(), std::nullopt);
  EXPECT_THAT(PathsOnceKnown(), ElementsAre("b.cc"));
  fs::remove_all(tree_.path() / "sub");
  EXPECT_EQ(Changes(), std::nullopt);
  EXPECT_THAT(PathsOnceKnown(), ElementsAre("b.cc", "sub/c.cc"));
}

TEST_F(FollowedTreesTest, SettledFilesAreForgottenUnlessTheyChangeAgain) {
  ASSERT_THAT(PathsOnceKnown(), IsEmpty());
  tree_.Write("a.cc", "changed");
  tree_.Write("b.cc", "changed");
  const PossibleChanges first = *Changes();
  const uint64_t before = Generation();
  TakeIn("a.cc");
  TakeIn("b.cc");
  tree_.Write("a.cc", "changed again");
  EXPECT_EQ(trees_.ChangesOf(location(), {}, before)->paths.size(), 2U);
  trees_.Settle(location(), first, before, Generation());
  EXPECT_THAT(Changes()->paths, ElementsAre("a.cc"));
  const PossibleChanges second = *Changes();
  trees_.Settle(location(), second, before, Generation());
  EXPECT_THAT(Changes()->paths, ElementsAre("a.cc")) << "of an index that is no more";
  trees_.Settle(location(), second, Generation(), Generation());
  EXPECT_THAT(Changes()->paths, IsEmpty());
}

TEST_F(FollowedTreesTest, WhatOthersWriteIntoTheIndexIsComparedAnew) {
  ASSERT_THAT(PathsOnceKnown(), IsEmpty());
  const uint64_t before = Generation();
  ASSERT_TRUE(store_->RemoveFile((*store_->FileAt("b.cc"))->id).ok());
  ASSERT_NE(Generation(), before);
  EXPECT_EQ(Changes(), std::nullopt);
  EXPECT_THAT(PathsOnceKnown(), ElementsAre("b.cc"));
  EXPECT_EQ(trees_.ChangesOf(location(), {}, before), std::nullopt) << "a view that is too old";
}

TEST_F(FollowedTreesTest, OtherRulesAndOtherFoldersAreOtherTrees) {
  ASSERT_THAT(PathsOnceKnown(), IsEmpty());
  const WalkOptions other{.extra_patterns = {"b.cc"}};
  EXPECT_EQ(trees_.ChangesOf(location(), other, Generation()), std::nullopt);
  ASSERT_THAT(PathsOnceKnown(), IsEmpty());
  const fs::path moved = folder_.path() / "moved";
  fs::rename(tree_.path(), moved);
  tree_.Write("a.cc", "of another checkout");
  EXPECT_EQ(Changes(), std::nullopt);
  EXPECT_THAT(PathsOnceKnown(), ElementsAre("a.cc", "b.cc", "sub/c.cc"));
}

TEST_F(FollowedTreesTest, AFloodOfChangesIsNoList) {
  ASSERT_THAT(PathsOnceKnown(), IsEmpty());
  for (int i = 0; i < 300; ++i) tree_.Write("sub/" + std::to_string(i) + ".cc", "new");
  EXPECT_EQ(Changes(), std::nullopt);
  for (int i = 0; i < 300; ++i) fs::remove(tree_.path() / "sub" / (std::to_string(i) + ".cc"));
  EXPECT_THAT(PathsOnceKnown(), IsEmpty());
}

}  // namespace
}  // namespace coderank
