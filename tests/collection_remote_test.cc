// Collections and models that another machine computes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support/collection_testing.h"
#include "support/fake_embedder.h"

namespace coderank {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using testing::CollectionTest;
using ::testing::HasSubstr;
using testing::ProcessResult;

class CollectionRemoteTest : public CollectionTest {
 protected:
  void SetUp() override {
    CollectionTest::SetUp();
    if (server_ == nullptr) return;
    docs_ = server_->Name("docs");
    MakeCollection(docs_);
    Upsert(docs_, RichPoints(40));
  }
  void Connect(const std::string& url) const {
    const ProcessResult connected = coderank_.Run(
        {"model", "connect", "far", "--api", "openai", "--url", url + "/v1", "--price", "0.2"});
    ASSERT_EQ(connected.exit_code, 0) << connected.err;
  }
  // The service by a name that is not this machine's: a proxy leads there.
  void ConnectFarAway() {
    coderank_.environment()["http_proxy"] = service_.url();
    coderank_.environment()["no_proxy"] = "127.0.0.1,localhost";
    Connect("http://vectors.example");
  }

  testing::FakeEmbedder service_;
  std::string docs_;
};

// A service that computes vectors is a model like any other: its vectors are checked again at the
// end, and queries are embedded by it.
TEST_F(CollectionRemoteTest, MigratesToAModelOfAService) {
  Connect(service_.url());
  const ProcessResult migrated = Migrate({docs_, "--model", "far", "--json"});
  ASSERT_EQ(migrated.exit_code, 0) << migrated.err;
  const json report = json::parse(migrated.out)["migrations"][0];
  EXPECT_EQ(report["points"], 40);
  EXPECT_EQ(report["embedded"], 40);
  const std::string target = report["target"];
  EXPECT_EQ(coderank_.Run({"collection", "verify", target, "--model", "far"}).exit_code, 0);
  const json found = coderank_.RunJson({"search", "document number 7 about topic 47", "--model",
                                        "far", "--collection", target, "--json"});
  EXPECT_FALSE(found["results"].empty()) << found;
  service_.Change([](auto& settings) { settings.seed = 2; });
  const ProcessResult changed =
      coderank_.Run({"search", "document", "--model", "far", "--collection", target});
  EXPECT_EQ(changed.exit_code, 2);
  EXPECT_THAT(changed.err, HasSubstr("the service has another model now"));
}

TEST_F(CollectionRemoteTest, TextsLeaveTheMachineOnlyWhenTheUserAgrees) {
  ConnectFarAway();
  const size_t sent = service_.Texts().size();
  const ProcessResult refused = Migrate({docs_, "--model", "far"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("the texts of about 40 points (about "),
                                 HasSubstr(" tokens, less than $0.01) of collection " + docs_),
                                 HasSubstr("would be sent to http://vectors.example:80; --yes "
                                           "agrees to that, once for this collection")));
  EXPECT_FALSE(server_->Has(docs_ + "__far"));
  EXPECT_EQ(service_.Texts().size(), sent) << "nothing was sent";
  const ProcessResult agreed = Migrate({docs_, "--model", "far", "--yes", "--json"});
  ASSERT_EQ(agreed.exit_code, 0) << agreed.err;
  EXPECT_EQ(json::parse(agreed.out)["migrations"][0]["embedded"], 40);
  Upsert(docs_, json::array({RichPoint(77)}));
  EXPECT_EQ(Migrate({docs_, "--model", "far"}).exit_code, 0) << "once for a collection";
  const std::string other = server_->Name("other");
  MakeCollection(other);
  Upsert(other, RichPoints(5));
  EXPECT_EQ(Migrate({other, "--model", "far"}).exit_code, 2) << "and for no other";
}

TEST_F(CollectionRemoteTest, WhatItComesToIsToldBeforeItBegins) {
  ConnectFarAway();
  const size_t sent = service_.Texts().size();
  size_t bytes = 0;
  for (const json& point : RichPoints(40)) bytes += TextOf(point).size();
  // Three bytes a token, as for trees.
  const std::string tokens = "about " + std::to_string(bytes / 3 + 1) + " tokens, less than $0.01";
  const ProcessResult dry = Migrate({docs_, "--model", "far", "--dry-run"});
  EXPECT_EQ(dry.exit_code, 0) << dry.err;
  EXPECT_THAT(dry.out, HasSubstr(tokens));
  EXPECT_THAT(dry.err, HasSubstr("the time is measured once --yes was said"));
  EXPECT_EQ(service_.Texts().size(), sent) << "counted, and not sent";

  const json measured =
      json::parse(Migrate({docs_, "--model", "far", "--dry-run", "--yes", "--json"}).out);
  EXPECT_EQ(measured["migrations"][0]["estimated_tokens"], bytes / 3 + 1);
  EXPECT_GT(measured["migrations"][0]["estimated_seconds"], 0);
  EXPECT_GT(measured["migrations"][0]["estimated_usd"], 0);
  EXPECT_FALSE(server_->Has(docs_ + "__far"));

  const ProcessResult migrated = Migrate({docs_, "--model", "far"});
  ASSERT_EQ(migrated.exit_code, 0) << migrated.err;
  EXPECT_THAT(migrated.err, HasSubstr(docs_ + ": embedding about 40 texts with far: " + tokens));
  EXPECT_THAT(Migrate({docs_, "--model", "far"}).err, ::testing::Not(HasSubstr("embedding about")))
      << "nothing is left to do";
}

}  // namespace
}  // namespace coderank
