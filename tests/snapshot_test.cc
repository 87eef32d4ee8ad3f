// coderank snapshot: an index in one file, searched as it is and imported elsewhere.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <random>
#include <thread>

#include "base/file.h"
#include "snapshot/snapshot_file.h"
#include "store/index_copy.h"
#include "store/index_store.h"
#include "support/coderank_runner.h"

namespace coderank {
namespace {

using nlohmann::json;
using ::testing::AnyOf;
using testing::CoderankRunner;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ProcessResult;

namespace fs = std::filesystem;

constexpr uint64_t kAll = uint64_t{64} << 20;

// Without taking its exit status from who waits for it.
bool HasEnded(pid_t process) {
  siginfo_t info{};
  return ::waitid(P_PID, static_cast<id_t>(process), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == process;
}

class SnapshotTest : public ::testing::Test {
 protected:
  SnapshotTest() {
    // Vectors that a run finds in the cache would prove nothing.
    coderank_.Write("../home/.config/coderank/config.toml", "[cache]\nmax_bytes = 0\n");
    EXPECT_EQ(coderank_.AddTinyModel().exit_code, 0);
    for (int i = 0; i < 40; ++i) WriteFile(i, "return value + " + std::to_string(i * i));
  }

  void WriteFile(int i, const std::string& statement) const {
    coderank_.Write("src/part" + std::to_string(i % 3) + "/f" + std::to_string(i) + ".cc",
                    "// Adds number " + std::to_string(i) + ".\nint Function" + std::to_string(i) +
                        "(int value) {\n  " + statement + ";\n}\n");
  }
  void Index() const { ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0); }
  void Export() const {
    Index();
    const ProcessResult exported = coderank_.Run({"snapshot", "export", file().native()});
    ASSERT_EQ(exported.exit_code, 0) << exported.err;
  }
  ProcessResult Import(const fs::path& directory, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> command = {"snapshot", "import", file().native(), directory.native(),
                                        "--json"};
    command.insert(command.end(), more.begin(), more.end());
    return coderank_.Run(command);
  }
  // The tree as another machine has it: other times, other inodes.
  fs::path Clone(const std::string& name) const {
    const fs::path clone = coderank_.world() / name;
    fs::create_directory(clone);
    fs::copy(coderank_.tree() / "src", clone / "src", fs::copy_options::recursive);
    return clone;
  }
  // Results alone: paths, lines, scores.
  json Answers(const std::vector<std::string>& where) const {
    json answers = json::array();
    for (const char* mode : {"hybrid", "semantic", "lexical"}) {
      for (const char* query : {"adds number 7", "Function12", "a function that returns a value"}) {
        std::vector<std::string> command = {"search", query, "--mode", mode,
                                            "--json", "-k",  "20",     "--explain"};
        command.insert(command.end(), where.begin(), where.end());
        const json answer = coderank_.RunJson(command);
        EXPECT_TRUE(answer.is_object()) << coderank_.Run(command).err;
        answers.push_back(answer.value("results", json()));
      }
    }
    return answers;
  }
  json AnswersOfFile() const { return Answers({"--snapshot", file().native()}); }
  fs::path file() const { return coderank_.world() / "code.snapshot"; }

  CoderankRunner coderank_{CODERANK_PROGRAM};
};

TEST_F(SnapshotTest, AnImportedIndexGivesTheSameAnswersAndComputesNothing) {
  Export();
  const json expected = Answers({});
  ASSERT_FALSE(expected[0].empty());
  const fs::path clone = Clone("clone");
  const ProcessResult imported = Import(clone);
  ASSERT_EQ(imported.exit_code, 0) << imported.err;
  const json report = json::parse(imported.out);
  EXPECT_EQ(report["index"]["files_unchanged"], 40);
  EXPECT_EQ(report["index"]["files_changed"], 0);
  EXPECT_EQ(report["index"]["chunks_embedded"], 0);
  EXPECT_EQ(report["index"]["coverage"]["embedded_chunks"], 40);
  EXPECT_EQ(Answers({clone.native()}), expected);
  const json again = coderank_.RunJson({"index", "--json", clone.native()});
  EXPECT_EQ(again["files_unchanged"], 40);
  EXPECT_EQ(again["chunks_embedded"], 0);
}

TEST_F(SnapshotTest, OnlyWhatDiffersIsCutAndEmbedded) {
  Export();
  const fs::path clone = Clone("clone");
  fs::remove(clone / "src/part0/f3.cc");
  coderank_.Write("../clone/src/part1/f4.cc", "int Another() { return 4; }\n");
  coderank_.Write("../clone/new.cc", "int New() { return 5; }\n");
  const json index = json::parse(Import(clone).out)["index"];
  EXPECT_EQ(index["files_removed"], 1);
  EXPECT_EQ(index["files_changed"], 1);
  EXPECT_EQ(index["files_added"], 1);
  EXPECT_EQ(index["chunks_embedded"], 2);
}

TEST_F(SnapshotTest, AFileAnswersWithoutItsSources) {
  Export();
  const json expected = Answers({});
  fs::remove_all(coderank_.tree() / "src");
  fs::remove_all(coderank_.tree() / ".coderank");
  EXPECT_EQ(AnswersOfFile(), expected);
  EXPECT_EQ(AnswersOfFile(), expected) << "it is unpacked already";
  const json answer =
      coderank_.RunJson({"search", "adds number 7", "--snapshot", file().native(), "--json"});
  EXPECT_EQ(answer["freshness"]["known"], false);
  EXPECT_EQ(answer["freshness"]["refreshed"], false);
  EXPECT_THAT(answer["exported_at"].get<std::string>(), HasSubstr("T"));
  EXPECT_THAT(answer["notes"].dump(), HasSubstr("a snapshot of tree, exported "));
  EXPECT_TRUE(fs::is_empty(coderank_.tree())) << "nothing is written where it is searched";
  const ProcessResult narrowed = coderank_.Run(
      {"search", "adds number 7", "--snapshot", file().native(), "--path", "src/part1/", "-l"});
  EXPECT_THAT(narrowed.out, HasSubstr("src/part1/f7.cc:1"));
  EXPECT_THAT(narrowed.out, Not(HasSubstr("src/part0")));
}

TEST_F(SnapshotTest, WithoutItsModelWordsAnswerAndANoteSaysSo) {
  Export();
  fs::remove_all(coderank_.world() / "home/.local/share/coderank/models");
  const std::vector<std::string> search = {"search", "adds number 7", "--snapshot", file().native(),
                                           "--json"};
  ProcessResult answer = coderank_.Run(search);
  EXPECT_EQ(answer.exit_code, 0);
  EXPECT_EQ(json::parse(answer.out)["mode"], "lexical");
  EXPECT_THAT(answer.err, HasSubstr("words alone"));
  // Another model of that name is as good as none.
  ASSERT_EQ(coderank_.AddTinyModel(2).exit_code, 0);
  answer = coderank_.Run(search);
  EXPECT_EQ(answer.exit_code, 0) << answer.err;
  EXPECT_EQ(json::parse(answer.out)["mode"], "lexical");
  EXPECT_THAT(answer.err, HasSubstr("words alone"));
  const ProcessResult imported = Import(Clone("clone"));
  EXPECT_EQ(imported.exit_code, 2);
  EXPECT_THAT(imported.err, HasSubstr("fingerprint"));
  EXPECT_FALSE(fs::exists(coderank_.world() / "clone/.coderank"));
}

TEST_F(SnapshotTest, InfoSaysWhatIsInItAndNothingOfThisMachine) {
  Export();
  const json info = coderank_.RunJson({"snapshot", "info", file().native(), "--json"});
  EXPECT_EQ(info["name"], "tree");
  EXPECT_EQ(info["model"], "tiny");
  EXPECT_EQ(info["dimension"], 32);
  EXPECT_EQ(info["files"], 40);
  EXPECT_EQ(info["chunks"], 40);
  EXPECT_EQ(info["embedded_chunks"], 40);
  EXPECT_EQ(info["bytes"], fs::file_size(file()));
  EXPECT_EQ(coderank_.Run({"snapshot", "info", file().native()}).exit_code, 0);
  EXPECT_EQ(fs::status(file()).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  ASSERT_TRUE(UnpackSnapshot(file(), coderank_.world() / "database", nullptr));
  const std::string database = *ReadFile(coderank_.world() / "database", kAll);
  EXPECT_THAT(database, HasSubstr("src/part1/f7.cc"));
  EXPECT_THAT(database, Not(HasSubstr(coderank_.world().native())));
  const std::string id = *ReadFile(coderank_.tree() / ".coderank/id", 100);
  EXPECT_THAT(database, Not(HasSubstr(id))) << "who knows it can make an index that is trusted";
}

TEST_F(SnapshotTest, NothingIsOverwrittenUnasked) {
  Export();
  EXPECT_THAT(coderank_.Run({"snapshot", "export", file().native()}).err, HasSubstr("--replace"));
  EXPECT_EQ(coderank_.Run({"snapshot", "export", file().native(), "--replace"}).exit_code, 0);
  const fs::path clone = Clone("clone");
  ASSERT_EQ(Import(clone).exit_code, 0);
  const ProcessResult refused = Import(clone);
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("--replace"));
  const fs::path fresh = Clone("fresh");
  for (const char* name : {"clone", "fresh"}) {
    coderank_.Write("../" + std::string(name) + "/own.cc", "int Own() { return 1; }\n");
  }
  ASSERT_EQ(coderank_.Run({"index", clone.native()}).exit_code, 0);
  ASSERT_EQ(Import(fresh).exit_code, 0);
  const ProcessResult replaced = Import(clone, {"--replace"});
  ASSERT_EQ(replaced.exit_code, 0) << replaced.err;
  EXPECT_EQ(json::parse(replaced.out)["index"]["files_added"], 1);
  EXPECT_EQ(Answers({clone.native()}), Answers({fresh.native()}));
}

TEST_F(SnapshotTest, SaysWhatIsMissing) {
  EXPECT_THAT(coderank_.Run({"snapshot", "export", "file"}).err, HasSubstr("no index covers it"));
  Export();
  const ProcessResult absent = Import("nowhere");
  EXPECT_EQ(absent.exit_code, 2);
  EXPECT_THAT(absent.err, HasSubstr("--snapshot FILE"));
  EXPECT_FALSE(fs::exists(coderank_.tree() / "nowhere"));
  EXPECT_THAT(coderank_.Run({"index", "export", "file"}).err,
              HasSubstr("coderank snapshot export FILE"));
  EXPECT_EQ(coderank_.Run({"search", "x", "src", "--snapshot", file().native()}).exit_code, 2);
  EXPECT_EQ(coderank_.Run({"search", "x", "--snapshot", "none"}).exit_code, 2);
}

TEST_F(SnapshotTest, DamagedFilesAreRefused) {
  Export();
  const std::string bytes = *ReadFile(file(), kAll);
  std::mt19937 random(1);
  for (int i = 0; i < 30; ++i) {
    std::string damaged = bytes;
    if (i % 2 == 0) {
      damaged.resize(random() % damaged.size());
    } else {
      char& byte = damaged[random() % damaged.size()];
      byte = static_cast<char>(byte ^ (1 << random() % 8));
    }
    coderank_.Write("../code.snapshot", damaged);
    const ProcessResult answer = coderank_.Run({"search", "number", "--snapshot", file().native()});
    EXPECT_EQ(answer.exit_code, 2) << i;
    EXPECT_THAT(answer.err, HasSubstr("code.snapshot: ")) << i;
  }
  EXPECT_EQ(Import(Clone("clone")).exit_code, 2);
  EXPECT_FALSE(fs::exists(coderank_.world() / "clone/.coderank"));
}

// Files that somebody wrote to be believed: header, hash and frame are right.
TEST_F(SnapshotTest, HostileDatabasesAreRefused) {
  Export();
  const fs::path forged = coderank_.world() / "forged";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"UPDATE files SET path='../../outside' WHERE id=1", "relative to a root"},
      {"UPDATE files SET path='/etc/passwd' WHERE id=1", "relative to a root"},
      {"UPDATE files SET path='a//b' WHERE id=1", "relative to a root"},
      {"UPDATE files SET path='' WHERE id=1", "relative to a root"},
      {"UPDATE meta SET value='other' WHERE key='fingerprint'", "do not belong together"},
      {"UPDATE meta SET value='11111111111111111111111111111111' WHERE key='index_id'",
       "do not belong together"},
      {"UPDATE vectors SET row=x'00'", "do not belong together"},
      {"UPDATE vectors SET row=x'0000' WHERE text_id > 3", "has 2 bytes"},
      {"UPDATE vectors SET row=zeroblob(64)", "length 1"},
      {"UPDATE texts SET content=(SELECT content FROM texts WHERE id=2),"
       " size=(SELECT size FROM texts WHERE id=2) WHERE id=1",
       "expected SHA-256"},
      {"UPDATE texts SET size=1<<40", "at most"},
      {"UPDATE texts SET content=x'28b52ffd'", "damaged"},
      {"CREATE VIEW v AS SELECT 1", "tables of an index"},
      {"INSERT INTO meta VALUES('qdrant_url', 'http://127.0.0.1:6333')", "settings"},
      {"PRAGMA user_version=3", "snapshot export"},
  };
  for (const auto& [change, message] : cases) {
    fs::remove(forged);
    const auto header = UnpackSnapshot(file(), forged, nullptr);
    ASSERT_TRUE(header);
    {
      const auto database = Database::Open(forged, DatabaseMode::kScratch);
      ASSERT_TRUE((*database)->Execute(change.c_str()).ok()) << change;
    }
    ASSERT_TRUE(WriteSnapshot(forged, *header, coderank_.world() / "hostile", nullptr));
    const ProcessResult answer = coderank_.Run({"search", "number", "--snapshot", "../hostile"});
    EXPECT_EQ(answer.exit_code, 2) << change;
    EXPECT_THAT(answer.err, HasSubstr(message)) << change;
  }
  // Numbers that are none, and rows that lead nowhere: an error or an answer, and no crash.
  for (const char* change :
       {"UPDATE chunks SET start_line=-5, end_line='x', context_bytes=4000000000",
        "UPDATE chunks SET text_id=9223372036854775807", "UPDATE chunks SET file_id=-1",
        "UPDATE files SET sha256=x'00', size=-1"}) {
    fs::remove(forged);
    const auto header = UnpackSnapshot(file(), forged, nullptr);
    {
      const auto database = Database::Open(forged, DatabaseMode::kScratch);
      ASSERT_TRUE((*database)->Execute(change).ok()) << change;
    }
    ASSERT_TRUE(WriteSnapshot(forged, *header, coderank_.world() / "hostile", nullptr));
    EXPECT_LE(coderank_.Run({"search", "number", "--snapshot", "../hostile"}).exit_code, 2)
        << change;
    const fs::path clone = Clone("clone");
    EXPECT_LE(coderank_.Run({"snapshot", "import", "../hostile", clone.native()}).exit_code, 2)
        << change;
    fs::remove_all(clone);
  }
}

TEST_F(SnapshotTest, ExportsOfARunThatIsWritingAreConsistent) {
  for (int i = 40; i < 1500; ++i) WriteFile(i, "return " + std::to_string(i) + " * value");
  const pid_t run = coderank_.Start({"index", "-q"});
  int exported = 0;
  int unfinished = 0;
  for (bool running = true; running;) {
    running = !HasEnded(run);
    const ProcessResult result =
        coderank_.Run({"snapshot", "export", file().native(), "--replace", "--json"});
    if (result.exit_code != 0) {
      // Before its first commit.
      EXPECT_THAT(result.err,
                  AnyOf(HasSubstr("no index covers it"), HasSubstr("this index is not made yet")));
      continue;
    }
    ++exported;
    const json info = json::parse(result.out);
    if (info["indexed_at"] == "") ++unfinished;
    const json answer = coderank_.RunJson(
        {"search", "number", "--snapshot", file().native(), "--json", "--mode", "lexical"});
    EXPECT_EQ(answer["coverage"]["chunks"], info["chunks"]);
    EXPECT_EQ(answer["coverage"]["embedded_chunks"], info["embedded_chunks"]);
    EXPECT_EQ(answer["coverage"]["complete"], info["indexed_at"] != "");
    EXPECT_EQ(info["chunks"], info["files"]) << "each has one";
  }
  EXPECT_EQ(testing::WaitProcess(run), 0);
  EXPECT_GT(exported, 0);
  EXPECT_GT(unfinished, 0) << "no export met the run";
}

TEST_F(SnapshotTest, AKilledImportLeavesAWholeIndexOrNone) {
  for (int i = 40; i < 400; ++i) WriteFile(i, "return " + std::to_string(i) + " * value");
  Export();
  const fs::path clone = Clone("clone");
  const auto start = std::chrono::steady_clock::now();
  ASSERT_EQ(Import(clone).exit_code, 0);
  const auto span = std::chrono::duration_cast<std::chrono::microseconds>(
                        std::chrono::steady_clock::now() - start)
                        .count();
  const json expected = Answers({clone.native()});
  std::mt19937 random(5);
  int killed = 0;
  for (int i = 0; i < 20; ++i) {
    const bool there = i % 2 == 1;  // the index that the round before has left
    if (!there) {
      ASSERT_EQ(coderank_.Run({"clear", clone.native()}).exit_code, 0);
    }
    std::vector<std::string> command = {"snapshot", "import", file().native(), clone.native(),
                                        "-q"};
    if (there) command.emplace_back("--replace");
    const pid_t import = coderank_.Start(command);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % static_cast<uint64_t>(span)));
    ::kill(import, SIGKILL);
    if (testing::WaitProcess(import) == 128 + SIGKILL) ++killed;
    const json status = coderank_.RunJson({"status", clone.native(), "--json"});
    const uint64_t chunks = status.is_object() ? status["coverage"]["chunks"].get<uint64_t>() : 0;
    EXPECT_TRUE(chunks == 400 || (chunks == 0 && !there)) << chunks;
    const ProcessResult again = Import(
        clone, chunks == 0 ? std::vector<std::string>() : std::vector<std::string>{"--replace"});
    ASSERT_EQ(again.exit_code, 0) << again.err;
    EXPECT_EQ(json::parse(again.out)["index"]["chunks_embedded"], 0);
  }
  EXPECT_GE(killed, 10) << "most runs must have been cut short, or nothing was tested";
  EXPECT_EQ(Answers({clone.native()}), expected);
}

TEST_F(SnapshotTest, ClearingTheCacheRemovesWhatIsUnpacked) {
  Export();
  const fs::path unpacked = coderank_.world() / "home/.cache/coderank/snapshots";
  ASSERT_FALSE(AnswersOfFile().empty());
  EXPECT_FALSE(fs::is_empty(unpacked));
  EXPECT_EQ(coderank_.Run({"cache", "clear"}).exit_code, 0);
  EXPECT_FALSE(fs::exists(unpacked));
  EXPECT_FALSE(AnswersOfFile()[0].empty());
}

}  // namespace
}  // namespace coderank
