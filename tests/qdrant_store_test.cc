// coderank index --store qdrant: an index whose vectors are searched in a collection.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "support/collection_testing.h"

namespace coderank {
namespace {

using nlohmann::json;
using testing::CollectionTest;
using ::testing::HasSubstr;
using testing::ProcessResult;
using testing::WaitProcess;

// More texts than a search takes candidates from the vectors.
constexpr int kFiles = 150;

class QdrantStoreTest : public CollectionTest {
 protected:
  void SetUp() override {
    CollectionTest::SetUp();
    if (server_ == nullptr) return;
    name_ = server_->Name("tree");
    for (int i = 0; i < kFiles; ++i) WriteFile(i);
    // Several places of one text, which is one vector and several points.
    for (const char* copy : {"copies/a.cc", "copies/b.cc", "copies/c.cc"}) {
      coderank_.Write(copy, "int shared(int value) {\n  return value * 3;\n}\n");
    }
  }

  static std::string PathOf(int i) {
    const char* const endings[] = {"cc", "py", "md"};
    return "part" + std::to_string(i % 4) + "/f" + std::to_string(i) + "." + endings[i % 3];
  }
  void WriteFile(int i, const std::string& word = "river") const {
    static const char* const words[] = {"retry", "socket", "parser", "window", "matrix", "ledger",
                                        "queue", "stream", "random", "kernel", "branch"};
    const std::string number = std::to_string(i);
    const std::string first = words[i % 11];
    const std::string second = words[i * 7 % 11];
    std::string text =
        "Notes about " + first + " and " + second + " " + word + " " + number + ".\n";
    if (i % 3 == 0) {
      text = "int " + first + number + "(int " + second + ") {\n  // " + word + "\n  return " +
             second + " + " + number + ";\n}\n";
    } else if (i % 3 == 1) {
      text = "def " + first + number + "(" + second + "):\n    return " + second + " * " + number +
             "  # " + word + "\n";
    }
    coderank_.Write(PathOf(i), text);
  }

  json Index(std::vector<std::string> arguments = {}) const {
    arguments.insert(arguments.begin(), {"index", "--json"});
    const ProcessResult done = coderank_.Run(arguments);
    EXPECT_EQ(done.exit_code, 0) << done.err;
    return json::parse(done.out, nullptr, false);
  }
  json IndexInCollection() const { return Index({"--store", "qdrant", "--collection", name_}); }

  json Search(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"search", "--json"});
    const ProcessResult found = coderank_.Run(arguments);
    EXPECT_NE(found.exit_code, 2) << found.err;
    return json::parse(found.out, nullptr, false);
  }

  static std::set<std::string> PathsOf(const json& answer) {
    std::set<std::string> paths;
    for (const json& result : answer["results"]) paths.insert(result["path"]);
    return paths;
  }
  // Of a collection's points.
  std::multiset<std::string> PathsInCollection() const {
    std::multiset<std::string> paths;
    for (const json& point : server_->Points(name_)) {
      paths.insert(point["payload"]["filePath"].get<std::string>());
    }
    return paths;
  }
  bool HasVectorFiles() const {
    return std::filesystem::exists(coderank_.tree() / ".coderank/vectors.base");
  }
  std::ptrdiff_t Asked(const std::string& end) const {
    const auto log = server_->Log();
    return std::count_if(log.begin(), log.end(),
                         [&](const std::string& line) { return line.ends_with(end); });
  }
  // "drop": there is no answer, and requests are sent again for a while; "status": at once.
  void FailEverything(const std::string& action) const {
    server_->Fault({{{"match", "."}, {"do", action}, {"status", 501}, {"times", 1'000'000}}});
  }

  std::string name_;
};

void ExpectSameAnswers(const json& a, const json& b, const std::string& question) {
  ASSERT_EQ(a["results"].size(), b["results"].size()) << question;
  for (size_t i = 0; i < a["results"].size(); ++i) {
    const json& left = a["results"][i];
    const json& right = b["results"][i];
    for (const char* key : {"path", "start_line", "end_line"}) {
      EXPECT_EQ(left[key], right[key]) << question << ", result " << i;
    }
    // The rows are the same. The mean is a sum of other roundings, of 2^-24 each of numbers below
    // 1, and what it is taken from spreads over a few hundredths.
    EXPECT_NEAR(left["score"], right["score"], 1e-4) << question << ", result " << i;
  }
}

TEST_F(QdrantStoreTest, AnswersAreThoseOfTheFiles) {
  const std::vector<std::vector<std::string>> questions = {
      {"where is the retry queue"},
      {"where is the retry queue", "--mode", "semantic"},
      {"int shared value", "--mode", "semantic", "-k", "20"},
      {"matrix of random numbers", "--lang", "python"},
      {"matrix of random numbers", "--mode", "semantic", "--path", "part1/*"},
      {"matrix of random numbers", "--mode", "semantic", "--exclude", "part1/*"},
      {"symbol:retry33 socket"},
      {"symbol:retry33 socket", "--mode", "semantic"},
      {"\"river 4\" window", "--mode", "semantic"},
      {"ledger lang:cpp part", "--mode", "semantic", "--content", "code"}};
  Index();
  std::vector<json> expected;
  for (const auto& question : questions) expected.push_back(Search(question));
  const json indexed = IndexInCollection();
  EXPECT_EQ(indexed["collection"]["points"], kFiles + 3);
  EXPECT_EQ(indexed["chunks_embedded"], 0);
  EXPECT_FALSE(HasVectorFiles());
  if (!server_->real()) server_->ResetFaults();
  for (size_t i = 0; i < questions.size(); ++i) {
    std::vector<std::string> question = questions[i];
    question.emplace_back("--exact");
    const json answer = Search(question);
    EXPECT_GT(answer["results"].size(), 0U) << question[0];
    EXPECT_FALSE(answer.contains("notes")) << answer["notes"];
    ExpectSameAnswers(expected[i], answer, question[0] + " " + std::to_string(i));
  }
  if (!server_->real()) {
    EXPECT_EQ(Asked("/points/query"), std::ssize(questions)) << "filtered there: once is enough";
  }
  EXPECT_EQ(Search({"where is the retry queue"})["results"].size(), 10U) << "not exact";
}

TEST_F(QdrantStoreTest, GoesBackToFiles) {
  Index();
  const json before = Search({"socket parser", "--mode", "semantic"});
  IndexInCollection();
  EXPECT_EQ(coderank_.RunJson({"status", "--json"})["collection"]["name"], name_);
  EXPECT_THAT(coderank_.Run({"status"}).out, HasSubstr(name_));
  const ProcessResult back = coderank_.Run({"index", "--store", "embedded"});
  ASSERT_EQ(back.exit_code, 0) << back.err;
  EXPECT_THAT(back.err, HasSubstr(name_)) << "says that it stays";
  EXPECT_TRUE(HasVectorFiles());
  EXPECT_TRUE(server_->Has(name_));
  EXPECT_FALSE(coderank_.RunJson({"status", "--json"}).contains("collection"));
  ExpectSameAnswers(before, Search({"socket parser", "--mode", "semantic"}), "afterwards");
}

TEST_F(QdrantStoreTest, FollowsTheTree) {
  IndexInCollection();
  WriteFile(9, "volcano");
  coderank_.Write("part0/new.md", "A new note about a glacier.\n");
  std::filesystem::remove(coderank_.tree() / PathOf(12));
  const json answer = Search({"volcano glacier", "--mode", "semantic", "--exact", "-k", "1000"});
  EXPECT_TRUE(answer["freshness"]["refreshed"]);
  EXPECT_TRUE(PathsOf(answer).contains("part0/new.md"));
  EXPECT_FALSE(PathsOf(answer).contains(PathOf(12)));
  std::multiset<std::string> paths = {"copies/a.cc", "copies/b.cc", "copies/c.cc", "part0/new.md"};
  for (int i = 0; i < kFiles; ++i) {
    if (i != 12) paths.insert(PathOf(i));
  }
  EXPECT_EQ(PathsInCollection(), paths);
}

TEST_F(QdrantStoreTest, ARunThatChangesNothingComparesNothing) {
  IndexInCollection();
  if (server_->real()) GTEST_SKIP() << "a real server keeps no log";
  server_->ResetFaults();
  const json second = Index();
  EXPECT_EQ(second["collection"]["points"], kFiles + 3);
  EXPECT_EQ(second["collection"]["written"], 0);
  EXPECT_EQ(Asked("/points/scroll"), 0);
  // Unless somebody took points away.
  const json victim = server_->Points(name_).front();
  server_->Result("POST", "/collections/" + name_ + "/points/delete?wait=true",
                  {{"points", {victim["id"]}}});
  EXPECT_EQ(Index()["collection"]["written"], 1);
  EXPECT_EQ(server_->Points(name_).size(), static_cast<size_t>(kFiles + 3));
}

TEST_F(QdrantStoreTest, AFewChangesAreWrittenWithoutReadingTheCollection) {
  IndexInCollection();
  const auto ledger = coderank_.tree() / ".coderank/vectors.pushed";
  ASSERT_TRUE(std::filesystem::exists(ledger));
  for (const bool has_ledger : {true, false}) {
    if (!has_ledger) std::filesystem::remove(ledger);
    if (!server_->real()) server_->ResetFaults();
    const std::string path = has_ledger ? PathOf(20) : PathOf(21);
    coderank_.Write(path, "Something else altogether.\n");
    coderank_.Write("copies/a.cc", has_ledger
                                       ? "int other() { return 1; }\n"
                                       : "int shared(int value) {\n  return value * 3;\n}\n");
    const json report = Index();
    EXPECT_EQ(report["collection"]["written"], 2);
    EXPECT_EQ(report["collection"]["removed"], 2);
    if (!server_->real()) {
      EXPECT_EQ(Asked("/points/scroll") == 0, has_ledger);
    }
    EXPECT_EQ(PathsInCollection().count(path), 1U);
    EXPECT_EQ(PathsInCollection().size(), static_cast<size_t>(kFiles + 3));
  }
}

// As a search must not wait for a collection, it may be behind.
TEST_F(QdrantStoreTest, PointsThatTheIndexHasNoMoreAreNotFound) {
  IndexInCollection();
  if (server_->real()) GTEST_SKIP() << "a real server injects no faults";
  FailEverything("status");
  for (int i = 0; i < 100; ++i) std::filesystem::remove(coderank_.tree() / PathOf(i));
  EXPECT_EQ(coderank_.Run({"index"}).exit_code, 2);
  server_->ResetFaults();
  ASSERT_EQ(server_->Points(name_).size(), static_cast<size_t>(kFiles + 3));
  const json answer =
      Search({"socket parser", "--mode", "semantic", "--exact", "-k", "53", "--no-refresh"});
  EXPECT_EQ(answer["results"].size(), 53U) << "and all that there are";
  EXPECT_THAT(answer["notes"].dump(), HasSubstr("coderank index"));
}

TEST_F(QdrantStoreTest, WithoutItsServerWordsAnswer) {
  IndexInCollection();
  if (server_->real()) GTEST_SKIP() << "a real server injects no faults";
  FailEverything("drop");
  const json answer = Search({"notes about retry"});
  EXPECT_EQ(answer["results"].size(), 10U);
  EXPECT_THAT(answer["notes"].dump(), HasSubstr("words alone"));
  EXPECT_THAT(answer["notes"].dump(), HasSubstr(name_));
  const ProcessResult semantic = coderank_.Run({"search", "retry", "--mode", "semantic"});
  EXPECT_EQ(semantic.exit_code, 2);
  EXPECT_THAT(semantic.err, HasSubstr(name_));
  // A search takes changes in all the same.
  coderank_.Write("part0/new.md", "A new note about a glacier.\n");
  const json refreshed = Search({"glacier"});
  EXPECT_TRUE(refreshed["freshness"]["refreshed"]);
  EXPECT_EQ(refreshed["results"][0]["path"], "part0/new.md");
  // And so does a run, which fails for the collection alone.
  FailEverything("status");
  coderank_.Write("part0/newer.md", "A newer note about a volcano.\n");
  const ProcessResult failed = coderank_.Run({"index"});
  EXPECT_EQ(failed.exit_code, 2);
  EXPECT_THAT(failed.err, HasSubstr(name_));
  EXPECT_EQ(Search({"volcano", "--no-refresh"})["results"][0]["path"], "part0/newer.md");
  server_->ResetFaults();
  EXPECT_EQ(Index()["collection"]["written"], 2);
  EXPECT_FALSE(Search({"glacier"}).contains("notes"));
}

TEST_F(QdrantStoreTest, AKilledRunIsContinued) {
  if (server_->real()) GTEST_SKIP() << "a real server does not hang";
  for (const char* action : {"hang", "hang_after"}) {
    name_ = std::string("tree-") + action;
    server_->Fault({{{"match", "PUT .*/points$"}, {"do", action}}});
    const pid_t pid = coderank_.Start({"index", "--store", "qdrant", "--collection", name_});
    server_->AwaitHang(pid);
    ::kill(pid, SIGKILL);
    EXPECT_EQ(WaitProcess(pid), 128 + SIGKILL);
    server_->ResetFaults();
    EXPECT_EQ(Index()["collection"]["name"], name_) << "the index knows where it was going";
    const auto paths = PathsInCollection();
    EXPECT_EQ(paths.size(), static_cast<size_t>(kFiles + 3));
    EXPECT_EQ(std::set<std::string>(paths.begin(), paths.end()).size(), paths.size());
  }
}

TEST_F(QdrantStoreTest, NothingLeavesTheMachineUnasked) {
  Index();
  const ProcessResult asked =
      coderank_.Run({"index", "--store", "qdrant", "--url", "http://qdrant.invalid:6333"});
  EXPECT_EQ(asked.exit_code, 2);
  EXPECT_THAT(asked.err, HasSubstr("--yes"));
  EXPECT_FALSE(coderank_.RunJson({"status", "--json"}).contains("collection"));
  EXPECT_TRUE(HasVectorFiles());
}

TEST_F(QdrantStoreTest, AServerThatDoesNotAnswerChangesNothing) {
  Index();
  const ProcessResult failed =
      coderank_.Run({"index", "--store", "qdrant", "--url", "http://127.0.0.1:1"});
  EXPECT_EQ(failed.exit_code, 2);
  EXPECT_THAT(failed.err, HasSubstr("127.0.0.1:1"));
  EXPECT_FALSE(coderank_.RunJson({"status", "--json"}).contains("collection"));
  EXPECT_TRUE(HasVectorFiles());
}

TEST_F(QdrantStoreTest, OtherCollectionsAreNotTouched) {
  Index();
  MakeCollection(name_, 32);
  const ProcessResult refused =
      coderank_.Run({"index", "--store", "qdrant", "--collection", name_});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_TRUE(server_->Points(name_).empty());
  EXPECT_FALSE(coderank_.RunJson({"status", "--json"}).contains("collection"));
}

TEST_F(QdrantStoreTest, SettingsDecideForNewIndexes) {
  const auto folder = coderank_.world() / "home/.config/coderank";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "config.toml") << "[index]\nstore = \"qdrant\"\n";
  const json made = Index();
  const std::string name = made["collection"]["name"];
  EXPECT_TRUE(name.starts_with("tree-")) << name;
  EXPECT_EQ(made["collection"]["points"], kFiles + 3);
  EXPECT_EQ(Index({"--store", "embedded"}).contains("collection"), false);
  EXPECT_FALSE(Index().contains("collection")) << "an index that is there stays what it is";
  if (server_->real()) server_->Call("DELETE", "/collections/" + name);
}

TEST_F(QdrantStoreTest, AClearedIndexLeavesItsCollectionAndSaysSo) {
  IndexInCollection();
  const ProcessResult cleared = coderank_.Run({"clear"});
  ASSERT_EQ(cleared.exit_code, 0) << cleared.err;
  EXPECT_THAT(cleared.err, HasSubstr(name_));
  EXPECT_FALSE(std::filesystem::exists(coderank_.tree() / ".coderank"));
  EXPECT_TRUE(server_->Has(name_));
}

TEST_F(QdrantStoreTest, AnEmptiedTreeEmptiesItsCollection) {
  IndexInCollection();
  for (const auto& entry : std::filesystem::directory_iterator(coderank_.tree())) {
    if (entry.path().filename() != ".coderank") std::filesystem::remove_all(entry.path());
  }
  EXPECT_EQ(Index()["collection"]["points"], 0);
  EXPECT_TRUE(server_->Points(name_).empty());
  WriteFile(1);
  EXPECT_EQ(Index()["collection"]["points"], 1);
}

TEST_F(QdrantStoreTest, FlagsOfACollectionNeedOne) {
  EXPECT_EQ(coderank_.Run({"index", "--collection", "code"}).exit_code, 2);
  EXPECT_EQ(coderank_.Run({"index", "--store", "embedded", "--url", server_->url()}).exit_code, 2);
}

}  // namespace
}  // namespace coderank
