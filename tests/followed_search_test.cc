// Engines of a process that follows the trees it searches: the next answer knows of every change.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "coderank/engine.h"
#include "support/temp_dir.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;

std::string Function(const std::string& name) { return "int " + name + "() { return 1; }\n"; }

class FollowedSearchTest : public ::testing::Test {
 protected:
  FollowedSearchTest() {
    for (const char* name :
         {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"}) {
      ::setenv(name, (world_.path() / "home" / name).c_str(), 1);
    }
    for (const char* name : {"first", "second", "third"}) {
      world_.Write(std::string("tree/") + name + ".cc", Function(name));
    }
    world_.Write("tree/linked.cc", Function("linked_0"));
    // The same file under a name outside the tree: what is written there causes no event inside.
    fs::create_hard_link(tree() / "linked.cc", world_.path() / "outside.cc");
    engine_.emplace(*Engine::Open({.share = MakeEngineShare()}));
    EXPECT_TRUE(engine_->Index({.directory = tree()}));
  }

  fs::path tree() const { return world_.path() / "tree"; }

  SearchReport Search(const std::string& query) {
    auto report = engine_->Search({.query = query, .directory = tree(), .limit = 1});
    EXPECT_TRUE(report) << report.error().message();
    return report ? *std::move(report) : SearchReport{};
  }
  // Where a function is defined, by the next answer.
  std::string PlaceOf(const std::string& name) {
    const SearchReport report = Search(name);
    EXPECT_TRUE(report.freshness.known);
    const bool found = !report.results.empty() &&
                       report.results[0].snippet.find("int " + name + "()") != std::string::npos;
    return found ? report.results[0].path : "";
  }
  // Changes a file without an event until a search does not see that.
  ::testing::AssertionResult UntilFollowed() {
    for (int i = 1; i < 10'000; ++i) {
      std::ofstream(world_.path() / "outside.cc", std::ios::trunc)
          << Function("linked_" + std::to_string(i));
      const SearchReport report = Search("linked");
      if (report.freshness.known && !report.freshness.refreshed) {
        return ::testing::AssertionSuccess();
      }
    }
    return ::testing::AssertionFailure() << "each search looked at the tree";
  }

  testing::TempDir world_;
  std::optional<Engine> engine_;
};

TEST_F(FollowedSearchTest, EveryKindOfChangeIsInTheNextAnswer) {
  ASSERT_TRUE(UntilFollowed());
  world_.Write("tree/first.cc", Function("rewritten"));
  EXPECT_EQ(PlaceOf("rewritten"), "first.cc");
  EXPECT_EQ(PlaceOf("first"), "");
  world_.Write("tree/new.cc", Function("added"));
  EXPECT_EQ(PlaceOf("added"), "new.cc");
  fs::remove(tree() / "second.cc");
  EXPECT_EQ(PlaceOf("second"), "");
  fs::rename(tree() / "third.cc", tree() / "moved.cc");
  EXPECT_EQ(PlaceOf("third"), "moved.cc");
  world_.Write("tree/folder/deep/inside.cc", Function("nested"));
  EXPECT_EQ(PlaceOf("nested"), "folder/deep/inside.cc");
  ASSERT_TRUE(UntilFollowed());
  world_.Write("tree/folder/deep/inside.cc", Function("nested_again"));
  EXPECT_EQ(PlaceOf("nested_again"), "folder/deep/inside.cc");
  ASSERT_TRUE(UntilFollowed());
  world_.Write("tree/.gitignore", "new.cc\n");
  EXPECT_EQ(PlaceOf("added"), "");
  ASSERT_TRUE(UntilFollowed());
  fs::rename(tree() / "folder", tree() / "other");
  EXPECT_EQ(PlaceOf("nested_again"), "other/deep/inside.cc");
}

TEST_F(FollowedSearchTest, ManyChangesAreToldAndTakenInLater) {
  ASSERT_TRUE(UntilFollowed());
  for (int i = 0; i < 40; ++i) {
    world_.Write("tree/many" + std::to_string(i) + ".cc", Function("many_" + std::to_string(i)));
  }
  world_.Write("tree/last.cc", Function("farewell"));
  const SearchReport report = Search("first");
  EXPECT_TRUE(report.freshness.known);
  EXPECT_FALSE(report.freshness.refreshed) << "more than a search takes in";
  EXPECT_EQ(report.freshness.new_files, 41U);
  ASSERT_TRUE(engine_->Index({.directory = tree()}));
  EXPECT_EQ(PlaceOf("farewell"), "last.cc");
  EXPECT_EQ(Search("first").freshness.new_files, 0U);
}

TEST_F(FollowedSearchTest, AnIndexThatIsMadeAnewIsLookedAtAnew) {
  ASSERT_TRUE(UntilFollowed());
  Engine other = *Engine::Open({});
  ASSERT_TRUE(other.Clear(tree()));
  fs::remove(tree() / "second.cc");
  world_.Write("tree/third.cc", Function("replaced"));
  EXPECT_EQ(PlaceOf("replaced"), "third.cc");
  EXPECT_EQ(PlaceOf("second"), "");
  ASSERT_TRUE(UntilFollowed());
  world_.Write("tree/first.cc", Function("rewritten"));
  EXPECT_EQ(PlaceOf("rewritten"), "first.cc");
}

}  // namespace
}  // namespace coderank
