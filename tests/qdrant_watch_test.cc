// `watch` of an index that is searched in a collection, while the collection's server is away.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "support/collection_testing.h"
#include "support/line_process.h"

namespace coderank {
namespace {

using nlohmann::json;
using testing::CollectionTest;
using ::testing::HasSubstr;
using testing::LineProcess;
using testing::ProcessResult;

class QdrantWatchTest : public CollectionTest {
 protected:
  void SetUp() override {
    CollectionTest::SetUp();
    if (server_ == nullptr) return;
    if (server_->real()) GTEST_SKIP() << "a real server injects no faults";
    coderank_.Write("first.cc", "int First(int value) {\n  return value;\n}\n");
    coderank_.Write("second.md", "Notes about a river.\n");
  }

  // Connections to the server end without an answer from now on.
  void GoAway() const { server_->Fault({{{"match", "."}, {"do", "drop"}, {"times", 1'000'000}}}); }
  void ComeBack() const { server_->ResetFaults(); }

  // As the user's settings may say of new indexes.
  void PutNewIndexesInCollections() const {
    coderank_.Write("../home/.config/coderank/config.toml", "[index]\nstore = \"qdrant\"\n");
  }

  // The first thing it says.
  json StartWatching() {
    watch_ = std::make_unique<LineProcess>(
        std::vector<std::string>{CODERANK_PROGRAM, "watch", "--json"},
        testing::ProcessOptions{.input = {},
                                .environment = coderank_.environment(),
                                .working_directory = coderank_.tree()});
    return NextLine();
  }
  json NextLine() const {
    const auto line = watch_->Next();
    return line ? json::parse(*line, nullptr, false) : json();
  }
  // The next line that says that the collection is up to date.
  json AwaitCollection() const {
    json line = NextLine();
    while (line.is_object() && line.contains("collection_behind")) line = NextLine();
    return line;
  }
  void StopWatching() const {
    watch_->Signal(SIGINT);
    EXPECT_EQ(watch_->Wait(), 0);
  }

  std::set<std::string> PathsIn(const std::string& collection) const {
    std::set<std::string> paths;
    for (const json& point : server_->Points(collection)) {
      paths.insert(point["payload"]["filePath"].get<std::string>());
    }
    return paths;
  }
  bool HasVectorFiles() const {
    return std::filesystem::exists(coderank_.tree() / ".coderank/vectors.base");
  }

  std::unique_ptr<LineProcess> watch_;
};

TEST_F(QdrantWatchTest, StartsWithoutTheServerAndCatchesUp) {
  ASSERT_EQ(coderank_.Run({"index", "--store", "qdrant", "--collection", "tree"}).exit_code, 0);
  GoAway();
  coderank_.Write("third.md", "Notes about a glacier.\n");
  const json started = StartWatching();
  EXPECT_EQ(started["event"], "watching") << started;
  EXPECT_EQ(started["files_added"], 1);
  EXPECT_EQ(started["collection_behind"], true);
  EXPECT_THAT(started["notes"].dump(), HasSubstr("collection tree on " + server_->url()));
  coderank_.Write("fourth.md", "Notes about a volcano.\n");
  const json refreshed = NextLine();
  EXPECT_EQ(refreshed["files_added"], 1) << refreshed;
  EXPECT_EQ(refreshed["collection_behind"], true);
  const json found = coderank_.RunJson({"search", "volcano", "--no-refresh", "--json"});
  EXPECT_EQ(found["results"][0]["path"], "fourth.md") << "words answer meanwhile";
  ComeBack();  // and the tree stays as it is
  const json caught_up = AwaitCollection();
  EXPECT_EQ(caught_up["collection"]["points"], 4) << caught_up;
  EXPECT_EQ(PathsIn("tree"),
            (std::set<std::string>{"first.cc", "second.md", "third.md", "fourth.md"}));
  StopWatching();
}

TEST_F(QdrantWatchTest, AServerThatLeavesMeanwhileIsAskedAgain) {
  PutNewIndexesInCollections();
  const json started = StartWatching();
  EXPECT_EQ(started["collection"]["points"], 2) << started;
  EXPECT_FALSE(started.contains("collection_behind"));
  GoAway();
  coderank_.Write("third.md", "Notes about a glacier.\n");
  EXPECT_EQ(NextLine()["collection_behind"], true);
  ComeBack();
  EXPECT_EQ(AwaitCollection()["collection"]["points"], 3);
  StopWatching();
}

// Where nobody has ever reached the server, there is no collection yet.
TEST_F(QdrantWatchTest, VectorsAreInFilesUntilTheServerAnswers) {
  PutNewIndexesInCollections();
  GoAway();
  const json started = StartWatching();
  EXPECT_EQ(started["event"], "watching") << started;
  EXPECT_EQ(started["chunks_embedded"], 2);
  EXPECT_EQ(started["collection_behind"], true);
  EXPECT_FALSE(started.contains("collection"));
  EXPECT_THAT(started["notes"].dump(), HasSubstr("vectors stay in files for now"));
  EXPECT_TRUE(HasVectorFiles());
  const json found =
      coderank_.RunJson({"search", "a river", "--mode", "semantic", "--no-refresh", "--json"});
  EXPECT_EQ(found["results"].size(), 2U) << found;
  ComeBack();
  const json caught_up = AwaitCollection();
  ASSERT_TRUE(caught_up.contains("collection")) << caught_up;
  EXPECT_EQ(caught_up["collection"]["points"], 2);
  EXPECT_EQ(PathsIn(caught_up["collection"]["name"]),
            (std::set<std::string>{"first.cc", "second.md"}));
  EXPECT_FALSE(HasVectorFiles());
  StopWatching();
}

// What only the user can put right ends a watch as it begins.
TEST_F(QdrantWatchTest, StillAsksBeforeTextsLeaveTheMachine) {
  PutNewIndexesInCollections();
  coderank_.environment()["QDRANT_URL"] = "http://qdrant.invalid:6333";
  const ProcessResult asked = coderank_.Run({"watch"});
  EXPECT_EQ(asked.exit_code, 2);
  EXPECT_THAT(asked.err, HasSubstr("--yes"));
}

}  // namespace
}  // namespace coderank
