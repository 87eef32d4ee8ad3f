#include "server/mcp/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "server/mcp/coderank_tools.h"
#include "server/mcp/session_testing.h"
#include "support/gate.h"
#include "support/mcp_messages.h"

namespace coderank::server::mcp {
namespace {

using nlohmann::json;
using testing::Gate;
using ::testing::HasSubstr;
using testing::McpNotification;

constexpr const char* kNewest = "2025-11-25";

class SessionTest : public ::testing::Test {
 protected:
  std::shared_ptr<CollectingSink> Start(const json& message) {
    auto sink = std::make_shared<CollectingSink>();
    session_->ReceiveText(message.dump(), sink);
    return sink;
  }
  json Ask(const json& message) { return Start(message)->Wait(); }
  json AskFor(const std::string& method, json params = json::object()) {
    return Ask(Request(method, std::move(params)));
  }
  json Request(const std::string& method, json params = json::object()) {
    return testing::McpRequest(++last_id_, method, std::move(params));
  }
  json Call(const std::string& tool, json arguments = json::object()) {
    return testing::McpCall(++last_id_, tool, std::move(arguments));
  }
  json Initialize(const std::string& version = kNewest) {
    return Ask(testing::McpInitialize(++last_id_, version));
  }
  void Cancel(const json& request) {
    Start(McpNotification("notifications/cancelled", {{"requestId", request["id"]}}));
  }
  // A request of revision 2026-07-28.
  json Modern(const std::string& method, json params = json::object(),
              const std::string& version = "2026-07-28") {
    params["_meta"] = {{"io.modelcontextprotocol/protocolVersion", version},
                       {"io.modelcontextprotocol/clientCapabilities", json::object()}};
    return Request(method, std::move(params));
  }

  FakeService service_;
  Server server_{CoderankInfo("/tree"), CoderankTools(service_)};
  std::shared_ptr<Session> session_ = std::make_shared<Session>(server_, Transport::kStdio);
  int last_id_ = 0;
};

TEST_F(SessionTest, InitializeSettlesTheRevision) {
  const auto settled = [this](const std::string& asked, Transport transport) {
    session_ = std::make_shared<Session>(server_, transport);
    const json result = Initialize(asked)["result"];
    EXPECT_EQ(result["serverInfo"]["name"], "coderank");
    EXPECT_EQ(result["capabilities"], json({{"tools", json::object()}}));
    EXPECT_THAT(result["instructions"].get<std::string>(), HasSubstr("search_code"));
    return result["protocolVersion"].get<std::string>();
  };
  for (const char* version : {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"}) {
    EXPECT_EQ(settled(version, Transport::kStdio), version);
  }
  EXPECT_EQ(settled("1999-01-01", Transport::kStdio), kNewest) << "unknown";
  EXPECT_EQ(settled("2026-07-28", Transport::kStdio), kNewest) << "has no initialize";
  EXPECT_EQ(settled("2024-11-05", Transport::kHttp), kNewest) << "has another transport";
}

TEST_F(SessionTest, NothingButPingBeforeInitialize) {
  EXPECT_EQ(AskFor("ping")["result"], json::object());
  const json error = AskFor("tools/list")["error"];
  EXPECT_EQ(error["code"], kInvalidRequest);
  EXPECT_THAT(error["message"].get<std::string>(), HasSubstr("initialize"));
  EXPECT_TRUE(Initialize().contains("result"));
  EXPECT_TRUE(AskFor("tools/list").contains("result"));
  EXPECT_EQ(Initialize()["error"]["code"], kInvalidRequest) << "a second time";
}

TEST_F(SessionTest, ErrorsOfTheProtocolHaveTheirCodes) {
  Initialize();
  auto sink = std::make_shared<CollectingSink>();
  session_->ReceiveText("{\"jsonrpc\":", sink);
  EXPECT_EQ(sink->Wait()["error"]["code"], kParseError);
  EXPECT_EQ(sink->Wait()["id"], nullptr);
  EXPECT_EQ(Ask(json::array({Request("ping")}))["error"]["code"], kInvalidRequest);
  EXPECT_EQ(AskFor("resources/list")["error"]["code"], kMethodNotFound);
  EXPECT_EQ(AskFor("logging/setLevel")["error"]["code"], kMethodNotFound) << "is not declared";
  EXPECT_EQ(AskFor("server/discover")["error"]["code"], kMethodNotFound) << "of a later revision";
  EXPECT_EQ(AskFor("tools/list", {{"cursor", "x"}})["error"]["code"], kInvalidParams);
  EXPECT_EQ(AskFor("tools/call", {{"arguments", json::object()}})["error"]["code"], kInvalidParams);
  EXPECT_EQ(AskFor("tools/call", {{"name", "search_code"}, {"arguments", {1}}})["error"]["code"],
            kInvalidParams);
  const json unknown = Ask(Call("search_cod"))["error"];
  EXPECT_EQ(unknown["code"], kInvalidParams);
  EXPECT_THAT(unknown["message"].get<std::string>(), HasSubstr("known: search_code, find_related"));
}

TEST_F(SessionTest, NotificationsAndResponsesAreNotAnswered) {
  Initialize();
  auto sink = std::make_shared<CollectingSink>();
  for (const json& message : {McpNotification("notifications/initialized"),
                              McpNotification("notifications/cancelled", {{"requestId", 99}}),
                              McpNotification("notifications/unheard_of"),
                              json({{"jsonrpc", "2.0"}, {"id", 5}, {"result", json::object()}})}) {
    EXPECT_FALSE(session_->ReceiveText(message.dump(), sink)) << message;
  }
  EXPECT_FALSE(sink->finished());
}

TEST_F(SessionTest, ACallIsAnsweredInTextAndAsStructure) {
  Initialize();
  service_.on_search = [](const SearchRequest& request, const CallContext&) {
    EXPECT_EQ(request.query, "where");
    EXPECT_EQ(request.directory, "sub");
    EXPECT_EQ(request.limit, 3U);
    EXPECT_EQ(request.paths, std::vector<std::string>({"*.cc"}));
    return SearchReport{
        .results = {{.path = "a.cc",
                     .start_line = 3,
                     .end_line = 4,
                     .symbol = "F",
                     .kind = "function",
                     .snippet = "int F();\n"}},
        .coverage = {.files = 1, .chunks = 1, .embedded_chunks = 1, .complete = true},
        .model = "m"};
  };
  const json call = Call(
      "search_code", {{"query", "where"}, {"directory", "sub"}, {"limit", 3.0}, {"path", "*.cc"}});
  const json result = Ask(call)["result"];
  EXPECT_EQ(result["content"][0]["text"], "a.cc:3-4 function F\nint F();\n");
  EXPECT_EQ(result["structuredContent"]["results"][0]["path"], "a.cc");
  EXPECT_FALSE(result.contains("isError"));
  EXPECT_FALSE(result.contains("resultType")) << "of a later revision";
}

TEST_F(SessionTest, OldRevisionsGetWhatTheyKnow) {
  Initialize("2024-11-05");
  const json list = AskFor("tools/list");
  for (const json& tool : list["result"]["tools"]) {
    EXPECT_FALSE(tool.contains("outputSchema"));
  }
  EXPECT_FALSE(Ask(Call("index_status"))["result"].contains("structuredContent"));
}

TEST_F(SessionTest, WrongArgumentsAreForTheModelToRead) {
  Initialize();
  const auto error_of = [this](const json& arguments) {
    const json result = Ask(Call("search_code", arguments))["result"];
    EXPECT_TRUE(result.value("isError", false)) << result;
    return result["content"][0]["text"].get<std::string>();
  };
  EXPECT_THAT(
      error_of({{"query", "x"}, {"limitt", 3}}),
      HasSubstr("limitt: unknown argument of search_code; did you mean limit? known: query, "
                "directory"));
  EXPECT_THAT(error_of({{"query", "x"}, {"max_tokens", -1}}), HasSubstr("max_tokens: expected"));
  EXPECT_THAT(error_of({{"query", "x"}, {"threads", 3}}), HasSubstr("unknown argument"))
      << "only the command line has it";
  EXPECT_THAT(error_of({{"query", 5}}), HasSubstr("query: expected a string, found"));
  EXPECT_THAT(error_of(json::object()), HasSubstr("query: is required"));
  EXPECT_THAT(error_of({{"query", "x"}, {"limit", "many"}}), HasSubstr("limit: expected a whole"));
}

TEST_F(SessionTest, AFailedCallSaysWhy) {
  Initialize();
  service_.on_status = [](const StatusRequest&, const CallContext&) -> Result<StatusReport> {
    return NotFound("/tree: no index covers it");
  };
  const json result = Ask(Call("index_status"))["result"];
  EXPECT_TRUE(result.value("isError", false));
  EXPECT_EQ(result["content"][0]["text"], "not_found: /tree: no index covers it");
}

TEST_F(SessionTest, AnswersComeWhenTheyAreReady) {
  Initialize();
  Gate gate;
  service_.on_search = [&gate](const SearchRequest&, const CallContext&) {
    gate.Wait();
    return SearchReport();
  };
  const json slow = Call("search_code", {{"query", "x"}});
  const auto slow_sink = Start(slow);
  EXPECT_TRUE(Ask(Call("index_status")).contains("result")) << "while the first one runs";
  EXPECT_FALSE(slow_sink->finished());
  EXPECT_EQ(AskFor("ping")["result"], json::object());
  EXPECT_EQ(Ask(slow)["error"]["code"], kInvalidRequest) << "its id is in use";
  gate.Open();
  EXPECT_EQ(slow_sink->Wait()["id"], slow["id"]);
  EXPECT_TRUE(Ask(slow).contains("result")) << "its id is free again";
}

TEST_F(SessionTest, ACancelledCallStopsAndIsNotAnswered) {
  Initialize();
  Gate running;
  service_.on_refresh = [&running](const IndexRequest&,
                                   const CallContext& context) -> Result<IndexReport> {
    running.Open();
    while (!context.cancel->IsCancelled()) std::this_thread::yield();
    return Cancelled("");
  };
  const json call = Call("refresh_index");
  const auto sink = Start(call);
  running.Wait();
  Cancel(Request("ping"));  // another id
  EXPECT_FALSE(sink->finished());
  Cancel(call);
  EXPECT_EQ(sink->Wait(), nullptr);
}

TEST_F(SessionTest, ProgressGrowsAndEndsWithTheAnswer) {
  Initialize();
  using Phase = IndexProgress::Phase;
  service_.on_refresh = [](const IndexRequest& request, const CallContext& context) {
    EXPECT_EQ(request.embedding_seconds, 60.0);
    const auto tell = [&context](const IndexProgress& progress) {
      if (context.progress) context.progress(progress);
    };
    tell({.phase = Phase::kWaiting});
    tell({.phase = Phase::kScanning, .files_seen = 10});
    tell({.phase = Phase::kScanning, .files_seen = 10});  // no news
    tell({.phase = Phase::kEmbedding, .files_seen = 10, .chunks_done = 2, .chunks_total = 5});
    return IndexReport();
  };
  json call = Call("refresh_index");
  EXPECT_TRUE(Ask(call).contains("result")) << "nobody asked for progress";
  call["params"]["_meta"] = {{"progressToken", "t"}};
  const auto sink = Start(call);
  EXPECT_TRUE(sink->Wait().contains("result"));
  const auto notifications = sink->notifications();
  ASSERT_EQ(notifications.size(), 3U);
  EXPECT_EQ(notifications[0]["method"], "notifications/progress");
  EXPECT_EQ(notifications[0]["params"]["progress"], 0);
  EXPECT_EQ(notifications[1]["params"]["progress"], 10);
  EXPECT_EQ(notifications[2]["params"], json({{"progressToken", "t"},
                                              {"progress", 12.0},
                                              {"total", 15.0},
                                              {"message", "making vectors: 2 of 5 chunks"}}));
}

TEST_F(SessionTest, CallsOfASessionAreBounded) {
  Initialize();
  Gate gate;
  service_.on_search = [&gate](const SearchRequest&, const CallContext&) {
    gate.Wait();
    return SearchReport();
  };
  std::vector<std::shared_ptr<CollectingSink>> sinks;
  for (size_t i = 0; i < kMostCallsOfSession; ++i) {
    sinks.push_back(Start(Call("search_code", {{"query", "x"}})));
  }
  EXPECT_EQ(Ask(Call("search_code", {{"query", "x"}}))["error"]["code"],
            McpErrorCode(StatusCode::kResourceExhausted));
  gate.Open();
  for (const auto& sink : sinks) EXPECT_TRUE(sink->Wait().contains("result"));
}

TEST_F(SessionTest, OneRevisionHasBatches) {
  Initialize("2025-03-26");
  const json ping = Request("ping");
  const json call = Call("index_status");
  const json answers =
      Ask(json::array({ping, McpNotification("notifications/unheard_of"), call, 7}));
  ASSERT_EQ(answers.size(), 3U);
  std::vector<json> ids;
  for (const json& answer : answers) ids.push_back(answer["id"]);
  EXPECT_THAT(ids, ::testing::UnorderedElementsAre(ping["id"], call["id"], nullptr));
  EXPECT_EQ(Ask(json::array())["error"]["code"], kInvalidRequest);
  auto sink = std::make_shared<CollectingSink>();
  const json silent = json::array({McpNotification("notifications/unheard_of")});
  EXPECT_FALSE(session_->ReceiveText(silent.dump(), sink));
}

TEST_F(SessionTest, TheRevisionWithoutAHandshake) {
  const json discovered = Ask(Modern("server/discover"))["result"];
  EXPECT_EQ(discovered["resultType"], "complete");
  EXPECT_THAT(discovered["supportedVersions"], ::testing::Contains(json("2026-07-28")));
  EXPECT_EQ(discovered["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "coderank");
  const json listed = Ask(Modern("tools/list"))["result"];
  EXPECT_EQ(listed["tools"].size(), 4U);
  EXPECT_TRUE(listed.contains("ttlMs") && listed.contains("cacheScope"));
  const json called = Ask(Modern("tools/call", {{"name", "index_status"}}))["result"];
  EXPECT_EQ(called["resultType"], "complete");
  EXPECT_TRUE(called.contains("structuredContent"));
  EXPECT_EQ(Ask(Modern("ping"))["error"]["code"], kMethodNotFound);

  const json other = Ask(Modern("tools/list", json::object(), "2030-01-01"))["error"];
  EXPECT_EQ(other["code"], kUnsupportedRevision);
  EXPECT_EQ(other["data"]["requested"], "2030-01-01");
  EXPECT_EQ(AskFor("tools/list")["error"]["code"], kInvalidParams) << "does not name its revision";
  EXPECT_EQ(Initialize()["error"]["code"], kUnsupportedRevision);
  json bare = Modern("tools/list");
  bare["params"]["_meta"].erase("io.modelcontextprotocol/clientCapabilities");
  EXPECT_EQ(Ask(bare)["error"]["code"], kInvalidParams);
}

TEST_F(SessionTest, AHandshakeExcludesTheOtherWay) {
  Initialize();
  EXPECT_EQ(Ask(Modern("tools/list"))["error"]["code"], kInvalidRequest);
}

}  // namespace
}  // namespace coderank::server::mcp
