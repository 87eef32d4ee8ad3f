// An index that follows its tree, and vectors that are computed once for all trees of a user.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "store/index_store.h"
#include "support/coderank_runner.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::AllOf;
using testing::CoderankRunner;
using ::testing::HasSubstr;
using testing::ProcessResult;

std::string Function(const std::string& name) {
  return "int " + name + "(int value) {\n  return value;\n}\n";
}

class IncrementalTest : public ::testing::Test {
 protected:
  IncrementalTest() {
    EXPECT_EQ(coderank_.AddTinyModel().exit_code, 0);
    for (const char* name : {"read", "write", "close"}) {
      coderank_.Write(std::string(name) + ".cc", Function(name));
    }
  }

  json Index(const std::string& directory = ".") const {
    const ProcessResult result = coderank_.Run({"index", "--json", directory});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return json::parse(result.out, nullptr, false);
  }
  void Git(const std::string& arguments) {
    const std::string command =
        "git -c user.name=t -c user.email=t@t -c init.defaultBranch=main " + arguments;
    const ProcessResult result =
        testing::RunProcess({"/bin/sh", "-c", command}, {.input = {},
                                                         .environment = coderank_.environment(),
                                                         .working_directory = coderank_.tree()});
    ASSERT_EQ(result.exit_code, 0) << command << ": " << result.err;
  }
  fs::path CacheFolder() const { return coderank_.world() / "home/.cache/coderank/embeddings"; }

  CoderankRunner coderank_{CODERANK_PROGRAM};
};

TEST_F(IncrementalTest, IndexMadeWithoutAModelGetsItsVectorsLater) {
  CoderankRunner bare(CODERANK_PROGRAM);
  bare.Write("a.cc", Function("first"));
  const json without = bare.RunJson({"index", "--json"});
  EXPECT_EQ(without["model"], "");
  EXPECT_EQ(without["coverage"]["chunks"], 1);
  EXPECT_EQ(without["coverage"]["embedded_chunks"], 0);
  EXPECT_EQ(without["coverage"]["complete"], true);
  EXPECT_EQ(bare.RunJson({"status", "--json"})["fingerprint"], "");

  ASSERT_EQ(bare.AddTinyModel().exit_code, 0);
  const json with = bare.RunJson({"index", "--json"});
  EXPECT_EQ(with["files_changed"], 0);
  EXPECT_EQ(with["chunks_embedded"], 1);
  EXPECT_EQ(bare.RunJson({"status", "--json"})["model"], "tiny");
}

TEST_F(IncrementalTest, IndexIsRefreshedWhileItsModelIsMissing) {
  Index();
  fs::remove_all(coderank_.world() / "home/.local/share/coderank/models/tiny");
  coderank_.Write("new.cc", Function("added"));
  const json refreshed = Index();
  EXPECT_EQ(refreshed["files_added"], 1);
  EXPECT_EQ(refreshed["coverage"]["embedded_chunks"], 3) << "vectors stay";
  ASSERT_EQ(coderank_.AddTinyModel().exit_code, 0);
  EXPECT_EQ(Index()["chunks_embedded"], 1);
}

TEST_F(IncrementalTest, BranchesBackAndForthEmbedNothingTwice) {
  Git("init -q && git add -A && git -c user.name=t -c user.email=t@t commit -qm one");
  EXPECT_EQ(Index()["chunks_embedded"], 3);
  Git("checkout -qb other");
  coderank_.Write("read.cc", Function("read_otherwise"));
  fs::remove(coderank_.tree() / "close.cc");
  Git("commit -qam two");
  const json other = Index();
  EXPECT_EQ(other["chunks_embedded"], 1);
  EXPECT_EQ(other["files_removed"], 1);
  EXPECT_EQ(other["coverage"]["chunks"], 3 - 1);
  for (const auto& [branch, chunks] : std::map<std::string, int>{{"main", 3}, {"other", 2}}) {
    Git("checkout -q " + branch);
    const json back = Index();
    EXPECT_EQ(back["chunks_embedded"], 0) << branch;
    EXPECT_EQ(back["coverage"]["chunks"], chunks);
    EXPECT_EQ(back["coverage"]["embedded_chunks"], chunks);
  }
}

TEST_F(IncrementalTest, AnotherTreeOfTheSameTextsTakesTheirVectors) {
  EXPECT_EQ(Index()["chunks_embedded"], 3);
  coderank_.Write("clone/renamed.cc", Function("read"));
  coderank_.Write("clone/more.cc", Function("more"));
  const json clone = Index("clone");
  EXPECT_EQ(clone["chunks_from_cache"], 1);
  EXPECT_EQ(clone["chunks_embedded"], 1);
  // A vector from the cache is the vector.
  EXPECT_THAT(coderank_.RunJson(
                  {"search", "--json", "-k", "1", Function("read"), "clone"})["results"][0]["path"],
              "renamed.cc");
}

TEST_F(IncrementalTest, VectorsOfAnotherModelAreNotTaken) {
  Index();
  ASSERT_EQ(coderank_.AddTinyModel(2, "other").exit_code, 0);
  ASSERT_EQ(coderank_.Run({"clear"}).exit_code, 0);
  const json other = coderank_.RunJson({"index", "--json", "--model", "other"});
  EXPECT_EQ(other["chunks_from_cache"], 0);
  EXPECT_EQ(other["chunks_embedded"], 3);
}

TEST_F(IncrementalTest, DamagedCacheIsPassedOverAndCleared) {
  Index();
  ASSERT_TRUE(fs::exists(CacheFolder() / "embeddings.db"));
  std::ofstream(CacheFolder() / "embeddings.db") << std::string(20000, 'x');
  coderank_.Write("new.cc", Function("added"));
  const ProcessResult refreshed = coderank_.Run({"index", "--json"});
  ASSERT_EQ(refreshed.exit_code, 0) << refreshed.err;
  EXPECT_EQ(json::parse(refreshed.out)["chunks_embedded"], 1);
  EXPECT_THAT(refreshed.err,
              AllOf(HasSubstr("embedding cache is not used"), HasSubstr("coderank cache clear")));
  ASSERT_EQ(coderank_.Run({"cache", "clear"}).exit_code, 0);
  coderank_.Write("newer.cc", Function("added_later"));
  EXPECT_EQ(coderank_.Run({"index"}).err, "");
  EXPECT_EQ(coderank_.RunJson({"cache", "status", "--json"})["vectors"], 1);
}

TEST_F(IncrementalTest, CacheThatCannotBeMadeOrIsLockedIsPassedOver) {
  coderank_.Write("../home/.cache/coderank/embeddings", "a file");
  const ProcessResult blocked = coderank_.Run({"index"});
  EXPECT_EQ(blocked.exit_code, 0);
  EXPECT_THAT(blocked.err, HasSubstr("embedding cache is not used"));
  fs::remove(CacheFolder());

  fs::create_directories(CacheFolder());
  const auto lock = IndexLock::Acquire(CacheFolder(), [] { return false; });
  ASSERT_TRUE(lock);
  coderank_.Write("new.cc", Function("added"));
  const ProcessResult locked = coderank_.Run({"index", "--json"});
  EXPECT_EQ(locked.exit_code, 0);
  EXPECT_THAT(locked.err, HasSubstr("another coderank writes the embedding cache"));
  EXPECT_EQ(json::parse(locked.out)["coverage"]["embedded_chunks"], 4);
}

TEST_F(IncrementalTest, CacheIsPrivateBoundedAndCanBeSwitchedOff) {
  Index();
  const auto permissions = fs::status(CacheFolder() / "embeddings.db").permissions();
  EXPECT_EQ(permissions, fs::perms::owner_read | fs::perms::owner_write);
  coderank_.Write("../home/.config/coderank/config.toml", "[cache]\nmax_bytes = 1\n");
  EXPECT_EQ(coderank_.RunJson({"cache", "trim", "--json"})["vectors"], 0);
  coderank_.Write("../home/.config/coderank/config.toml", "[cache]\nmax_bytes = 0\n");
  ASSERT_EQ(coderank_.Run({"cache", "clear"}).exit_code, 0);
  coderank_.Write("new.cc", Function("added"));
  EXPECT_EQ(Index()["chunks_embedded"], 1);
  EXPECT_FALSE(fs::exists(CacheFolder() / "embeddings.db"));
}

TEST_F(IncrementalTest, FileReplacedByAFolderAndBack) {
  coderank_.Write("thing", Function("plain"));
  EXPECT_EQ(Index()["coverage"]["files"], 4);
  fs::remove(coderank_.tree() / "thing");
  coderank_.Write("thing/inner.cc", Function("inner"));
  const json folder = Index();
  EXPECT_EQ(folder["files_added"], 1);
  EXPECT_EQ(folder["files_removed"], 1);
  fs::remove_all(coderank_.tree() / "thing");
  coderank_.Write("thing", Function("plain"));
  const json back = Index();
  EXPECT_EQ(back["coverage"]["files"], 4);
  EXPECT_EQ(back["chunks_embedded"], 0);
}

TEST_F(IncrementalTest, RunWithNothingToDoNeedsNoWeights) {
  Index();
  const auto model = coderank_.world() / "home/.local/share/coderank/models/tiny";
  for (const auto& entry : fs::directory_iterator(model)) {
    if (entry.path().filename() == "record.json") continue;
    if (entry.is_regular_file()) std::ofstream(entry.path(), std::ios::trunc).close();
  }
  EXPECT_EQ(Index()["files_unchanged"], 3);
  coderank_.Write("new.cc", Function("added"));
  EXPECT_EQ(coderank_.Run({"index"}).exit_code, 2) << "now they are needed";
}

TEST_F(IncrementalTest, SearchTakesInAFewChangesFirst) {
  Index();
  coderank_.Write("new.cc", Function("brand_new"));
  fs::remove(coderank_.tree() / "close.cc");
  const json found = coderank_.RunJson({"search", "--json", "-k", "1", Function("brand_new")});
  EXPECT_EQ(found["freshness"], (json{{"known", true},
                                      {"new_files", 1},
                                      {"changed_files", 0},
                                      {"removed_files", 1},
                                      {"refreshed", true}}));
  EXPECT_EQ(found["coverage"]["files"], 3);
  EXPECT_EQ(found["results"][0]["path"], "new.cc");
  EXPECT_EQ(Index()["files_unchanged"], 3) << "nothing was left to do";
}

TEST_F(IncrementalTest, SearchSaysHowManyChangesItLeftAside) {
  Index();
  for (int i = 0; i < 40; ++i) {
    coderank_.Write("n" + std::to_string(i) + ".cc", Function("n" + std::to_string(i)));
  }
  const ProcessResult found = coderank_.Run({"search", "--json", "read"});
  EXPECT_THAT(found.err, HasSubstr("the index is 40 files behind the tree; run `coderank index"));
  EXPECT_EQ(json::parse(found.out)["freshness"]["refreshed"], false);
  EXPECT_EQ(json::parse(found.out)["coverage"]["files"], 3);
}

TEST_F(IncrementalTest, SearchDoesNotWaitForAnotherWriter) {
  Index();
  coderank_.Write("new.cc", Function("brand_new"));
  const auto lock = IndexLock::Acquire(coderank_.tree() / ".coderank", [] { return false; });
  ASSERT_TRUE(lock);
  const ProcessResult found = coderank_.Run({"search", "--json", "read"});
  EXPECT_EQ(found.exit_code, 0) << found.err;
  EXPECT_EQ(json::parse(found.out)["freshness"]["refreshed"], false);
  EXPECT_THAT(found.err, HasSubstr("1 file behind the tree"));
}

TEST_F(IncrementalTest, RefreshBySearchKeepsTheSwitchesOfTheIndex) {
  coderank_.Write(".hidden/inner.cc", Function("inner"));
  ASSERT_EQ(coderank_.RunJson({"index", "--json", "--hidden"})["coverage"]["files"], 4);
  coderank_.Write("new.cc", Function("brand_new"));
  EXPECT_EQ(coderank_.RunJson({"search", "--json", "read"})["coverage"]["files"], 5);
}

TEST_F(IncrementalTest, TwoTreesIndexedAtOnceShareTheCache) {
  coderank_.Write("a/x.cc", Function("same"));
  coderank_.Write("b/x.cc", Function("same"));
  const pid_t first = coderank_.Start({"index", "a"});
  const pid_t second = coderank_.Start({"index", "b"});
  EXPECT_EQ(testing::WaitProcess(first), 0);
  EXPECT_EQ(testing::WaitProcess(second), 0);
  EXPECT_EQ(coderank_.RunJson({"cache", "status", "--json"})["vectors"], 1);
}

// As after a clone: all stamps are too young to be trusted, which must not hide the one real
// change.
TEST_F(IncrementalTest, SearchRefreshesATreeThatWasIndexedRightAfterItWasWritten) {
  for (int i = 0; i < 40; ++i) {
    coderank_.Write("f" + std::to_string(i) + ".py", "def old" + std::to_string(i) + "(): pass\n");
  }
  ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
  coderank_.Write("zebra.py", "def zebra(): pass\n");
  const ProcessResult found = coderank_.Run({"search", "--mode", "lexical", "-l", "zebra"});
  EXPECT_EQ(found.exit_code, 0) << found.err;
  EXPECT_EQ(found.out, "zebra.py:1\n");
}

}  // namespace
}  // namespace coderank
