#include "source/tree_watcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "support/temp_dir.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;

class TreeWatcherTest : public ::testing::Test {
 protected:
  TreeWatcherTest() {
    tree_.Write("a.cc", "a");
    tree_.Write("sub/b.cc", "b");
    tree_.Write("sub/deep/c.cc", "c");
  }

  testing::TempDir tree_;
};

TEST_F(TreeWatcherTest, WhatIsOverIsDrainedAtOnce) {
  const auto watcher = *MakeInotifyWatcher(tree_.path(), {});
  EXPECT_TRUE(watcher->Drain()->empty());
  tree_.Write("sub/deep/c.cc", "changed");
  fs::rename(tree_.path() / "a.cc", tree_.path() / "d.cc");
  const TreeEvents events = *watcher->Drain();
  EXPECT_THAT(events.paths, ElementsAre("a.cc", "d.cc", "sub/deep/c.cc"));
  EXPECT_FALSE(events.everything);
  EXPECT_TRUE(watcher->Drain()->empty());
}

TEST_F(TreeWatcherTest, NewFoldersAreWatchedOnceRenewed) {
  const auto watcher = *MakeInotifyWatcher(tree_.path(), {});
  tree_.Write("new/e.cc", "e");
  EXPECT_TRUE(watcher->Drain()->everything);
  tree_.Write("new/e.cc", "changed");
  EXPECT_TRUE(watcher->Drain()->empty()) << "nobody has looked into it yet";
  ASSERT_TRUE(watcher->Renew().ok());
  tree_.Write("new/e.cc", "changed again");
  EXPECT_THAT(watcher->Drain()->paths, ElementsAre("new/e.cc"));
}

TEST_F(TreeWatcherTest, TreesOfTooManyFoldersAreRefused) {
  EXPECT_TRUE(MakeInotifyWatcher(tree_.path(), {}, 3));
  const auto refused = MakeInotifyWatcher(tree_.path(), {}, 2);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace coderank
