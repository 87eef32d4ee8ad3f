// Migrations on a server that fails, and killed ones: no point is lost, none comes twice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <random>
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

class CollectionFaultsTest : public CollectionTest {
 protected:
  void SetUp() override {
    CollectionTest::SetUp();
    if (server_ != nullptr && server_->real()) GTEST_SKIP() << "a real server injects no faults";
  }
};

// A status that no client tries again.
json Always(const std::string& match, const std::string& action, const json& status = 501) {
  return {{{"match", match}, {"do", action}, {"status", status}, {"times", 1'000'000}}};
}

TEST_F(CollectionFaultsTest, EveryKindOfFailureIsOvercome) {
  for (const char* action : {"status", "drop", "drop_after", "partial", "delay", "restart"}) {
    const std::string docs = std::string("docs-") + action;
    MakeCollection(docs);
    Upsert(docs, RichPoints(100));
    // Each kind of request fails once, upserts at their second batch.
    json rules = json::array();
    for (const char* match : {"GET /collections$", "GET /aliases", "/scroll$", "/count$", "/query$",
                              "PUT /collections/[^/]*$", "PATCH", "PUT .*/points$"}) {
      rules.push_back({{"match", match}, {"do", action}, {"status", 503}, {"times", 1}});
    }
    rules.push_back({{"match", "PUT .*/points$"}, {"do", action}, {"status", 429}, {"times", 1}});
    server_->Fault(rules);
    const ProcessResult migrated = Migrate({docs, "--take-name", "--json"});
    server_->ResetFaults();
    ASSERT_EQ(migrated.exit_code, 0) << action << ": " << migrated.err;
    EXPECT_EQ(server_->Points(docs).size(), 100U) << action;
    ExpectVectorsOfModel(docs + "__tiny");
  }
}

TEST_F(CollectionFaultsTest, ASourceThatCannotBeReadIsNotReplaced) {
  MakeCollection("docs");
  Upsert("docs", RichPoints(100));
  const auto before = Payloads("docs");
  server_->Fault(Always("PUT /collections/docs__tiny/points", "status"));
  const ProcessResult failed = Migrate({"docs", "--take-name"});
  EXPECT_EQ(failed.exit_code, 2);
  EXPECT_THAT(failed.err, HasSubstr("/collections/docs__tiny/points"));
  server_->ResetFaults();
  EXPECT_TRUE(server_->Has("docs"));
  EXPECT_EQ(Payloads("docs"), before);
  EXPECT_EQ(Migrate({"docs", "--take-name"}).exit_code, 0) << "goes on";
}

// The worst instant: the collection is deleted and the alias cannot be made.
TEST_F(CollectionFaultsTest, WithoutItsAliasTheCollectionIsRestored) {
  MakeCollection("docs");
  Upsert("docs", RichPoints(40));
  const auto before = server_->Points("docs");
  server_->Fault(Always("POST /collections/aliases", "status"));
  const ProcessResult failed = Migrate({"docs", "--take-name"});
  EXPECT_EQ(failed.exit_code, 2);
  EXPECT_THAT(failed.err, HasSubstr("docs was restored"));
  server_->ResetFaults();
  ExpectSamePoints(server_->Points("docs"), before);
}

TEST_F(CollectionFaultsTest, ARollbackThatFailsLeavesTheNameWhereItWas) {
  MakeCollection("docs");
  Upsert("docs", RichPoints(40));
  ASSERT_EQ(Migrate({"docs", "--take-name"}).exit_code, 0);
  server_->Fault(Always("/snapshots/upload", "status"));
  const ProcessResult failed = coderank_.Run({"collection", "rollback", "docs"});
  EXPECT_EQ(failed.exit_code, 2);
  EXPECT_THAT(failed.err, HasSubstr("as before"));
  server_->ResetFaults();
  EXPECT_EQ(server_->Aliases()["docs"], "docs__tiny");
  EXPECT_EQ(coderank_.Run({"collection", "rollback", "docs"}).exit_code, 0);
  EXPECT_EQ(server_->Points("docs").size(), 40U);
}

TEST_F(CollectionFaultsTest, ASnapshotThatIsNotWholeDeletesNothing) {
  MakeCollection("docs");
  Upsert("docs", RichPoints(40));
  server_->Fault(Always("GET /collections/docs/snapshots/", "status"));
  EXPECT_EQ(Migrate({"docs", "--take-name"}).exit_code, 2);
  server_->ResetFaults();
  EXPECT_TRUE(server_->Has("docs"));
}

TEST_F(CollectionFaultsTest, TheNameIsTakenWhenTheServerHasOptimised) {
  MakeCollection("docs");
  Upsert("docs", RichPoints(40));
  ASSERT_EQ(Migrate({"docs"}).exit_code, 0);
  const std::string look = "GET /collections/docs__tiny";
  server_->Fault(Always(look + "$", "describe", "red"));
  const ProcessResult failed = Migrate({"docs", "--take-name"});
  EXPECT_EQ(failed.exit_code, 2);
  EXPECT_THAT(failed.err, HasSubstr("docs__tiny"));
  EXPECT_TRUE(server_->Aliases().empty());
  server_->ResetFaults();
  server_->Fault({{{"match", look + "$"}, {"do", "describe"}, {"status", "yellow"}, {"times", 4}}});
  ASSERT_EQ(Migrate({"docs", "--take-name"}).exit_code, 0);
  EXPECT_EQ(server_->Aliases()["docs"], "docs__tiny");
  const auto log = server_->Log();
  const auto saved = std::find(log.begin(), log.end(), "POST /collections/docs/snapshots");
  EXPECT_GE(std::count(log.begin(), saved, look), 5) << "asked until it was green";
}

// A graph may take long, so whoever waits for it can stop, and loses nothing.
TEST_F(CollectionFaultsTest, WaitingForTheOptimiserCanBeInterrupted) {
  MakeCollection("docs");
  Upsert("docs", RichPoints(40));
  ASSERT_EQ(Migrate({"docs"}).exit_code, 0);
  const std::string look = "GET /collections/docs__tiny";
  server_->ResetFaults();
  server_->Fault(Always(look + "$", "describe", "yellow"));
  const pid_t pid = coderank_.Start({"collection", "migrate", "docs", "--take-name"});
  // Before it waits a migration looks at its target no more than twice.
  constexpr std::ptrdiff_t kLooks = 5;
  for (std::ptrdiff_t looks = 0; looks < kLooks && !testing::HasEnded(pid);) {
    const auto log = server_->Log();
    looks = std::count(log.begin(), log.end(), look);
  }
  ::kill(pid, SIGINT);
  EXPECT_EQ(WaitProcess(pid), 2);
  server_->ResetFaults();
  EXPECT_TRUE(server_->Has("docs"));
  EXPECT_TRUE(server_->Aliases().empty());
  EXPECT_EQ(Migrate({"docs", "--take-name"}).exit_code, 0) << "goes on";
}

TEST_F(CollectionFaultsTest, ASourceThatNeverRestsIsNotReplaced) {
  MakeCollection("docs");
  Upsert("docs", RichPoints(10));
  // The writer: what is written to the target is thrown away again, so that both always differ.
  server_->Fault(Always("PUT /collections/docs__tiny/points", "forget"));
  const ProcessResult failed = Migrate({"docs", "--take-name"});
  EXPECT_EQ(failed.exit_code, 2);
  EXPECT_THAT(failed.err, HasSubstr("still changes"));
  EXPECT_TRUE(server_->Has("docs"));
}

TEST_F(CollectionFaultsTest, InAClusterNoCollectionIsDeleted) {
  Start({"--peers", "3"});
  MakeCollection("docs");
  Upsert("docs", RichPoints(10));
  const ProcessResult refused = Migrate({"docs", "--take-name"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("cluster"));
  EXPECT_TRUE(server_->Has("docs"));
  EXPECT_TRUE(server_->Has("docs__tiny")) << "the copy is made";
}

TEST_F(CollectionFaultsTest, LargeBatchesAreHalved) {
  Start({"--max-request-bytes", "20000"});
  MakeCollection("docs");
  for (size_t i = 0; i < 40; ++i) Upsert("docs", json::array({RichPoint(i)}));
  EXPECT_EQ(Migrate({"docs"}).exit_code, 0);
  ExpectMigrated("docs", "docs__tiny");
}

TEST_F(CollectionFaultsTest, TheKeyIsSentAndNeverShown) {
  Start({"--api-key", "very-hidden"});
  const ProcessResult refused = coderank_.Run({"collection", "list"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("QDRANT_API_KEY"));
  coderank_.environment()["QDRANT_API_KEY"] = "wrong-key";
  EXPECT_THAT(coderank_.Run({"collection", "list"}).err, ::testing::Not(HasSubstr("wrong-key")));
  coderank_.environment()["QDRANT_API_KEY"] = "very-hidden";
  EXPECT_EQ(coderank_.Run({"collection", "list"}).exit_code, 1) << "an empty server";
}

// Killed after a number of requests that chance chooses, under failures that chance chooses too.
TEST_F(CollectionFaultsTest, KilledAtAnyInstantNothingIsLostOrDoubled) {
  constexpr size_t kPoints = 300;
  constexpr size_t kDimension = 3584;
  constexpr int kKills = 20;
  MakeCollection("docs", kDimension);
  for (size_t from = 0; from < kPoints; from += 100) {
    json points = json::array();
    for (size_t i = from; i < from + 100; ++i) points.push_back(RichPoint(i, kDimension));
    Upsert("docs", points);
  }
  const auto before = Payloads("docs");
  std::minstd_rand random(7);
  for (int kill = 0; kill < kKills; ++kill) {
    const size_t requests = random() % 40;
    const char* instant = random() % 2 == 0 ? "hang" : "hang_after";
    // The request after these hangs until the client is gone, so the kill falls into it.
    server_->Fault(json::array({{{"match", "."}, {"do", instant}, {"skip", requests}}}));
    const pid_t pid = coderank_.Start({"collection", "migrate", "docs", "--take-name"});
    server_->AwaitHang(pid);
    ::kill(pid, SIGKILL);
    WaitProcess(pid);
    server_->ResetFaults();
    // At every instant the name leads to all points, or the file of the collection is there.
    if (server_->Has("docs")) {
      EXPECT_EQ(Payloads("docs").size(), kPoints) << "kill " << kill;
    } else {
      EXPECT_EQ(Payloads("docs__tiny"), before) << "deleted only when all is copied";
    }
  }
  const ProcessResult last = Migrate({"docs", "--take-name", "--json"});
  ASSERT_EQ(last.exit_code, 0) << last.err;
  EXPECT_EQ(server_->Aliases()["docs"], "docs__tiny");
  EXPECT_EQ(Payloads("docs__tiny"), before);
  ExpectVectorsOfModel("docs__tiny");
  ASSERT_EQ(coderank_.Run({"collection", "rollback", "docs"}).exit_code, 0);
  EXPECT_EQ(Payloads("docs"), before);
}

TEST_F(CollectionFaultsTest, AServerThatFailsAtRandomIsOutlived) {
  MakeCollection("docs");
  Upsert("docs", RichPoints(300));
  const auto before = Payloads("docs");
  server_->Fault({{"random", 5}, {"rate", 0.15}});
  ProcessResult migrated;
  for (int run = 0; run < 5 && migrated.exit_code != 0; ++run) migrated = Migrate({"docs"});
  server_->ResetFaults();
  ASSERT_EQ(migrated.exit_code, 0) << migrated.err;
  EXPECT_EQ(Payloads("docs__tiny"), before);
  ExpectVectorsOfModel("docs__tiny");
}

}  // namespace
}  // namespace coderank
