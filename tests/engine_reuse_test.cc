// One engine that answers many searches while others write the indexes that it holds open.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "coderank/engine.h"
#include "support/temp_dir.h"

namespace coderank {
namespace {

class EngineReuseTest : public ::testing::Test {
 protected:
  EngineReuseTest() {
    for (const char* name :
         {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"}) {
      ::setenv(name, (world_.path() / "home" / name).c_str(), 1);
    }
    world_.Write("tree/a.cc", "int first_function() { return 1; }\n");
  }

  static Engine Open() { return *Engine::Open({}); }
  std::filesystem::path tree() const { return world_.path() / "tree"; }

  // The file of the best answer, without a look at the tree: from the index as it is.
  std::string Best(Engine& engine, const std::string& query) const {
    const auto report =
        engine.Search({.query = query, .directory = tree(), .limit = 1, .look_for_changes = false});
    if (!report) return report.error().message();
    return report->results.empty() ? "" : report->results.front().path;
  }

  testing::TempDir world_;
};

TEST_F(EngineReuseTest, CommitsOfOthersAreSeen) {
  Engine reader = Open();
  Engine writer = Open();
  ASSERT_TRUE(writer.Index({.directory = tree()}));
  EXPECT_EQ(Best(reader, "first_function"), "a.cc");
  world_.Write("tree/b.cc", "int second_function() { return 2; }\n");
  EXPECT_EQ(Best(reader, "second_function"), "a.cc") << "only `function` is known yet";
  ASSERT_TRUE(writer.Index({.directory = tree()}));
  EXPECT_EQ(Best(reader, "second_function"), "b.cc");
  const auto report = reader.Search({.query = "x", .directory = tree()});
  ASSERT_TRUE(report);
  EXPECT_EQ(report->coverage.files, 2U) << "counts are kept no longer than they are true";
}

TEST_F(EngineReuseTest, AnIndexThatIsMadeAnewIsOpenedAnew) {
  Engine reader = Open();
  Engine writer = Open();
  ASSERT_TRUE(writer.Index({.directory = tree()}));
  EXPECT_EQ(Best(reader, "first_function"), "a.cc");
  ASSERT_TRUE(writer.Clear(tree()));
  std::filesystem::remove(tree() / "a.cc");
  world_.Write("tree/c.cc", "int first_function() { return 3; }\n");
  ASSERT_TRUE(writer.Index({.directory = tree()}));
  EXPECT_EQ(Best(reader, "first_function"), "c.cc");
}

TEST_F(EngineReuseTest, ManyTreesAreSearchedInTurns) {
  Engine engine = Open();
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 20; ++i) {
      const std::string name = "tree" + std::to_string(i);
      world_.Write(name + "/only.cc", "int value_" + std::to_string(i) + "() { return 1; }\n");
      const auto report =
          engine.Search({.query = "value", .directory = world_.path() / name, .limit = 5});
      ASSERT_TRUE(report) << report.error().message();
      ASSERT_EQ(report->results.size(), 1U);
      EXPECT_EQ(report->results[0].symbol, "");
      EXPECT_NE(report->results[0].snippet.find("value_" + std::to_string(i)), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace coderank
