// Collections of a Qdrant server, searched through `coderank serve` and by agents.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/mcp_messages.h"
#include "support/qdrant_server.h"
#include "support/serve_testing.h"

namespace coderank {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using testing::IsError;
using testing::LineProcess;
using testing::McpCall;
using testing::McpInitialize;
using testing::McpRequest;
using testing::ProcessOptions;
using testing::QdrantServer;

constexpr const char* kQuery = "read the file into bytes, then return the index of the first line";

class ServeCollectionTest : public testing::ServeTest {
 protected:
  void SetUp() override {
    if (const std::string reason = QdrantServer::WhyNot(); !reason.empty()) GTEST_SKIP() << reason;
    qdrant_ = std::make_unique<QdrantServer>();
    docs_ = qdrant_->Name("docs");
    coderank_.environment()["QDRANT_URL"] = qdrant_->url();
  }

  // As another program makes it with the same model.
  void MakeCollection() const {
    const std::vector<std::string> texts = {
        kQuery, "write bytes to the file while the count is true and return the size",
        "for each value of the list return void where the name is null or empty"};
    const std::vector<json> vectors = coderank_.VectorsOf(texts, {"--precision", "f32"});
    json points = json::array();
    for (size_t i = 0; i < texts.size(); ++i) {
      points.push_back(
          {{"id", i},
           {"vector", vectors.at(i)},
           {"payload", {{"text", texts[i]}, {"source", "docs.md"}, {"even", i % 2 == 0}}}});
    }
    qdrant_->Create(docs_, {{"size", 32}, {"distance", "Cosine"}});
    qdrant_->Upsert(docs_, points);
  }

  // What `tools/call` of `coderank mcp` answers to each of the calls.
  std::vector<json> AskAgent(const std::vector<json>& calls) {
    LineProcess process({CODERANK_PROGRAM, "mcp"},
                        ProcessOptions{.input = {},
                                       .environment = coderank_.environment(),
                                       .working_directory = coderank_.tree()});
    std::vector<json> answers;
    const auto ask = [&](const json& message) {
      EXPECT_TRUE(process.Write(message.dump() + "\n"));
      answers.push_back(json::parse(process.Next().value_or("null")));
    };
    ask(McpInitialize(0));
    answers.clear();
    for (const json& call : calls) ask(call);
    return answers;
  }
  static bool Offers(const json& listed) {
    for (const json& tool : listed["result"]["tools"]) {
      if (tool["name"] == "search_collection") return true;
    }
    return false;
  }

  std::unique_ptr<QdrantServer> qdrant_;
  std::string docs_;
};

const json kList = McpRequest("list", "tools/list");

TEST_F(ServeCollectionTest, AnswersAsTheProgramDoes) {
  MakeCollection();
  Serve();
  const json expected = json::parse(
      coderank_.Run({"search", kQuery, "--collection", docs_, "--json", "-k", "2"}).out);
  ASSERT_EQ(expected["results"].size(), 2U);
  const json answer =
      Post("/collections/search", {{"query", kQuery}, {"collection", {docs_}}, {"limit", 2}})
          .Json();
  EXPECT_EQ(answer["results"], expected["results"]);
  EXPECT_EQ(answer["results"][0]["text"], kQuery);
  EXPECT_EQ(answer["collections"][0]["model"], "tiny");
  EXPECT_GT(answer["timings_ms"]["total"], 0);
  const json even = Post("/collections/search",
                         {{"query", "write bytes"}, {"collection", docs_}, {"where", "even=true"}})
                        .Json();
  EXPECT_EQ(even["results"].size(), 2U) << even;
}

TEST_F(ServeCollectionTest, WrongQuestionsAreErrors) {
  MakeCollection();
  Serve();
  EXPECT_THAT(Post("/collections/search", {{"query", kQuery}}), IsError(400, docs_));
  EXPECT_THAT(Post("/collections/search", {{"query", kQuery}, {"collection", "absent"}}),
              IsError(404, "absent"));
  EXPECT_THAT(
      Post("/collections/search", {{"query", kQuery}, {"collection", docs_}, {"where", "even"}}),
      IsError(400, "KEY=VALUE"));
  EXPECT_THAT(Post("/collections/search", {{"query", kQuery}, {"rerank", "listwise"}}),
              IsError(400, "cross-encoder"));
}

TEST_F(ServeCollectionTest, AServerThatIsNotThereIsSaid) {
  coderank_.environment()["QDRANT_URL"] = "http://127.0.0.1:1";
  Serve();
  const auto reply = Post("/collections/search", {{"query", kQuery}, {"collection", docs_}});
  EXPECT_EQ(reply.status, 503) << reply.body;
}

TEST_F(ServeCollectionTest, AgentsFindThemAloneAndThroughAServer) {
  MakeCollection();
  const json call =
      McpCall("call", "search_collection", {{"query", kQuery}, {"collection", docs_}});
  const std::vector<json> alone = AskAgent({kList, call});
  EXPECT_TRUE(Offers(alone[0]));
  const json& result = alone[1]["result"];
  EXPECT_THAT(result["content"][0]["text"].get<std::string>(),
              HasSubstr("docs.md (" + docs_ + ", 1.000)\n" + kQuery + "\n"));
  Serve();
  const json shared = AskAgent({call})[0]["result"];
  EXPECT_EQ(shared["content"], result["content"]);
  EXPECT_EQ(shared["structuredContent"]["results"], result["structuredContent"]["results"]);
  EXPECT_GE(
      Metric("coderank_http_requests_total{route=\"/call/search_collections\",status=\"200\"}"), 1);
}

TEST_F(ServeCollectionTest, WithoutAServerOfThemTheyAreNotOffered) {
  coderank_.environment().erase("QDRANT_URL");
  EXPECT_FALSE(Offers(AskAgent({kList})[0]));
  Serve();
  EXPECT_THAT(Post("/collections/search", {{"query", kQuery}, {"collection", docs_}}),
              IsError(400, "QDRANT_URL"));
}

}  // namespace
}  // namespace coderank
