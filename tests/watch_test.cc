// `watch` with real file events. Tests wait for lines that the program prints, never for time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "support/coderank_runner.h"
#include "support/line_process.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::CoderankRunner;
using testing::LineProcess;
using testing::ProcessResult;

std::string Function(const std::string& name) {
  return "int " + name + "(int value) {\n  return value;\n}\n";
}

class WatchTest : public ::testing::Test {
 protected:
  WatchTest() {
    EXPECT_EQ(coderank_.AddTinyModel().exit_code, 0);
    coderank_.Write("first.cc", Function("first"));
    coderank_.Write("sub/second.cc", Function("second"));
  }

  void StartWatching() {
    watch_ = std::make_unique<LineProcess>(
        std::vector<std::string>{CODERANK_PROGRAM, "watch", "--json"},
        testing::ProcessOptions{.input = {},
                                .environment = coderank_.environment(),
                                .working_directory = coderank_.tree()});
    const json line = NextLine();
    ASSERT_EQ(line["event"], "watching");
    ASSERT_EQ(line["coverage"]["files"], 2);
    watcher_ = line["watcher"];
  }
  json NextLine() {
    const auto line = watch_->Next();
    return line ? json::parse(*line, nullptr, false) : json();
  }
  // Reads on until a refresh leaves this many files: a burst may come in parts.
  ::testing::AssertionResult FilesBecome(uint64_t files) {
    std::string lines;
    for (json line = NextLine(); line.is_object(); line = NextLine()) {
      if (line["coverage"]["files"] == files &&
          line["coverage"]["embedded_chunks"] == line["coverage"]["chunks"]) {
        return ::testing::AssertionSuccess();
      }
      lines += line.dump() + "\n";
    }
    return ::testing::AssertionFailure() << "the watch said nothing more after\n" << lines;
  }
  void StopWatching(int signal) {
    watch_->Signal(signal);
    EXPECT_EQ(watch_->Wait(), 0);
  }

  CoderankRunner coderank_{CODERANK_PROGRAM};
  std::unique_ptr<LineProcess> watch_;
  std::string watcher_;
};

TEST_F(WatchTest, FollowsEveryKindOfChange) {
  StartWatching();
  coderank_.Write("third.cc", Function("third"));
  EXPECT_TRUE(FilesBecome(3));
  coderank_.Write("new/deep/fourth.cc", Function("fourth"));
  EXPECT_TRUE(FilesBecome(4)) << "in folders made meanwhile";
  coderank_.Write("new/deep/fifth.cc", Function("fifth"));
  EXPECT_TRUE(FilesBecome(5)) << "which are watched from then on";
  fs::rename(coderank_.tree() / "new", coderank_.tree() / "other");
  EXPECT_TRUE(FilesBecome(5));
  coderank_.Write("other/deep/sixth.cc", Function("sixth"));
  EXPECT_TRUE(FilesBecome(6)) << "under their new name";
  coderank_.Write(".gitignore", "other/\n");
  EXPECT_TRUE(FilesBecome(3)) << "a rule takes files out";
  fs::remove(coderank_.tree() / ".gitignore");
  EXPECT_TRUE(FilesBecome(6));
  fs::remove_all(coderank_.tree() / "other");
  EXPECT_TRUE(FilesBecome(3));
  fs::remove(coderank_.tree() / "third.cc");
  EXPECT_TRUE(FilesBecome(2));
  StopWatching(SIGINT);
  const json rest = coderank_.RunJson({"index", "--json"});
  EXPECT_EQ(rest["files_added"].get<int>() + rest["files_changed"].get<int>() +
                rest["files_removed"].get<int>(),
            0)
      << "nothing was missed";
}

TEST_F(WatchTest, ChangedFileIsReadAndOthersAreNot) {
  StartWatching();
  coderank_.Write("first.cc", Function("first_otherwise"));
  const json line = NextLine();
  EXPECT_EQ(line["event"], "refreshed");
  EXPECT_EQ(line["files_changed"], 1);
  EXPECT_EQ(line["chunks_embedded"], 1);
  StopWatching(SIGTERM);
}

TEST_F(WatchTest, SurvivesAStormOfChanges) {
  StartWatching();
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 400; ++i) {
      const std::string name =
          "storm/d" + std::to_string(i % 20) + "/f" + std::to_string(i) + ".cc";
      coderank_.Write(name, Function("f" + std::to_string(round * 1000 + i)));
    }
    if (round % 2 == 1) fs::remove_all(coderank_.tree() / "storm");
  }
  EXPECT_TRUE(FilesBecome(402));
  StopWatching(SIGINT);
}

TEST_F(WatchTest, OthersIndexSearchAndClearMeanwhile) {
  StartWatching();
  coderank_.Write("third.cc", Function("third"));
  EXPECT_EQ(coderank_.Run({"index"}).exit_code, 0);
  EXPECT_EQ(coderank_.Run({"search", "third"}).exit_code, 0);
  EXPECT_EQ(coderank_.Run({"clear"}).exit_code, 0);
  coderank_.Write("fourth.cc", Function("fourth"));
  EXPECT_TRUE(FilesBecome(4)) << "an index that was removed is made again";
  StopWatching(SIGINT);
}

TEST_F(WatchTest, BadProjectFileIsPassedOver) {
  StartWatching();
  coderank_.Write(".coderank.toml", "nonsense");
  coderank_.Write("third.cc", Function("third"));
  coderank_.Write(".coderank.toml", "[ignore]\npatterns = [\"sub/\"]\n");
  EXPECT_TRUE(FilesBecome(2)) << "first and third";
  StopWatching(SIGINT);
}

TEST_F(WatchTest, KilledWatchIsContinuedByTheNextRun) {
  StartWatching();
  for (int i = 0; i < 50; ++i) {
    coderank_.Write("more/f" + std::to_string(i) + ".cc", Function("f" + std::to_string(i)));
  }
  watch_->Signal(SIGKILL);
  EXPECT_EQ(watch_->Wait(), 128 + SIGKILL);
  const json report = coderank_.RunJson({"index", "--json"});
  EXPECT_EQ(report["coverage"]["files"], 52);
  EXPECT_EQ(report["coverage"]["complete"], true);
}

TEST_F(WatchTest, LooksByItselfWhereTheKernelHasNoWatches) {
  std::vector<int> taken;
  for (int fd = 0; taken.size() < 10'000 && fd >= 0;) {
    fd = ::inotify_init1(IN_CLOEXEC);
    if (fd >= 0) taken.push_back(fd);
  }
  const bool exhausted = ::inotify_init1(IN_CLOEXEC) < 0;
  StartWatching();
  for (const int fd : taken) ::close(fd);
  if (!exhausted || watcher_ != "poll") GTEST_SKIP() << "this user has no end of inotify instances";
  coderank_.Write("third.cc", Function("third"));
  EXPECT_TRUE(FilesBecome(3));
  StopWatching(SIGINT);
}

}  // namespace
}  // namespace coderank
