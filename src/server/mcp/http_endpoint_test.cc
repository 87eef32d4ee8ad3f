#include "server/mcp/http_endpoint.h"

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

// Keeps an answer; pieces of a stream are joined.
class FakeReply : public HttpReply {
 public:
  void Reply(int status, HttpHeaders headers, std::string body) override {
    Begin(status, std::move(headers), std::move(body));
    End();
  }
  void Begin(HttpHeaders headers) override { Begin(200, std::move(headers), ""); }
  bool Write(std::string_view piece) override {
    const std::lock_guard lock(mutex_);
    body_ += piece;
    return true;
  }
  void End() override {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

  void Wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ended_; });
  }
  int status() {
    Wait();
    return status_;
  }
  std::string Header(const std::string& name) {
    Wait();
    for (const auto& [key, value] : headers_) {
      if (key == name) return value;
    }
    return "";
  }
  std::string body() {
    Wait();
    return body_;
  }
  json Body() { return json::parse(body(), nullptr, false); }

 private:
  void Begin(int status, HttpHeaders headers, std::string body) {
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(status_, 0) << "a second answer";
    status_ = status;
    headers_ = std::move(headers);
    body_ = std::move(body);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  int status_ = 0;
  bool ended_ = false;
  HttpHeaders headers_;
  std::string body_;
};

using Headers = std::map<std::string, std::string, std::less<>>;

class HttpEndpointTest : public ::testing::Test {
 protected:
  std::shared_ptr<FakeReply> Send(const std::string& method, const Headers& headers,
                                  const std::string& body) {
    auto reply = std::make_shared<FakeReply>();
    HttpRequest request{.method = method,
                        .headers = {{"content-type", "application/json"},
                                    {"accept", "application/json, text/event-stream"}},
                        .body = body};
    for (const auto& [name, value] : headers) request.headers[name] = value;
    left_ = endpoint_.Handle(request, reply);
    return reply;
  }
  std::shared_ptr<FakeReply> Post(const json& message, const Headers& headers = {}) {
    return Send("POST", headers, message.dump());
  }
  static json Request(const std::string& method, json params = json::object()) {
    return testing::McpRequest(1, method, std::move(params));
  }
  static json Call(const std::string& tool, json arguments = json::object()) {
    return testing::McpCall(1, tool, std::move(arguments));
  }
  std::shared_ptr<FakeReply> Initialize() { return Post(testing::McpInitialize(1)); }
  Headers NewSession() { return {{"mcp-session-id", Initialize()->Header("Mcp-Session-Id")}}; }

  FakeService service_;
  Server server_{CoderankInfo("/tree"), CoderankTools(service_)};
  HttpEndpoint endpoint_{server_, 3};
  std::function<void()> left_;  // of the last request
};

TEST_F(HttpEndpointTest, ASessionFromBeginningToEnd) {
  const auto opened = Initialize();
  EXPECT_EQ(opened->status(), 200);
  EXPECT_EQ(opened->Header("Content-Type"), "application/json");
  EXPECT_EQ(opened->Body()["result"]["protocolVersion"], "2025-11-25");
  const std::string id = opened->Header("Mcp-Session-Id");
  EXPECT_THAT(id, ::testing::MatchesRegex("[0-9a-f]{32}"));
  const Headers session = {{"mcp-session-id", id}, {"mcp-protocol-version", "2025-11-25"}};
  const auto told = Post(McpNotification("notifications/initialized"), session);
  EXPECT_EQ(told->status(), 202);
  EXPECT_EQ(told->body(), "");
  const auto listed = Post(Request("tools/list"), session);
  EXPECT_EQ(listed->Body()["result"]["tools"].size(), 4U);
  EXPECT_EQ(Post(Call("index_status"), session)->status(), 200);
  EXPECT_EQ(Send("DELETE", session, "")->status(), 204);
  EXPECT_EQ(Post(Request("tools/list"), session)->status(), 404) << "begin anew";
  EXPECT_EQ(Send("DELETE", session, "")->status(), 404);
}

TEST_F(HttpEndpointTest, WhatIsWrongHasItsStatus) {
  const Headers session = NewSession();
  EXPECT_EQ(Send("GET", session, "")->status(), 405);
  EXPECT_EQ(Send("GET", session, "")->Header("Allow"), "POST, DELETE");
  EXPECT_EQ(Send("POST", session, "{")->status(), 400);
  EXPECT_EQ(Send("POST", session, "{")->Body()["error"]["code"], kParseError);
  EXPECT_EQ(Post(Request("tools/list"))->status(), 400) << "no session named";
  EXPECT_EQ(Post(Request("tools/list"), {{"mcp-session-id", "x"}})->status(), 404);
  EXPECT_EQ(Post(Request("ping"), {{"content-type", "text/plain"}})->status(), 415)
      << "which a page of another site could send";
  EXPECT_EQ(Post(Request("ping"), {{"accept", "text/html"}})->status(), 406);
  Headers other = session;
  other["mcp-protocol-version"] = "1999-01-01";
  EXPECT_EQ(Post(Request("ping"), other)->status(), 400);
  const auto unknown = Post(Request("prompts/list"), session);
  EXPECT_EQ(unknown->status(), 200) << "the revision has no status of its own for it";
  EXPECT_EQ(unknown->Body()["error"]["code"], kMethodNotFound);
  const auto failed = Post(Request("initialize"));
  EXPECT_EQ(failed->Body()["error"]["code"], kInvalidParams);
}

TEST_F(HttpEndpointTest, ProgressMakesAStream) {
  service_.on_refresh = [](const IndexRequest&, const CallContext& context) {
    if (context.progress) context.progress({.files_seen = 5});
    return IndexReport();
  };
  json call = Call("refresh_index");
  Headers session = NewSession();
  EXPECT_EQ(Post(call, session)->Header("Content-Type"), "application/json");
  call["params"]["_meta"] = {{"progressToken", 3}};
  const auto reply = Post(call, session);
  EXPECT_EQ(reply->Header("Content-Type"), "text/event-stream");
  const std::string body = reply->body();
  EXPECT_THAT(body, ::testing::StartsWith("event: message\ndata: {\"jsonrpc\":\"2.0\",\"method\":"
                                          "\"notifications/progress\""));
  EXPECT_THAT(body, HasSubstr("}\n\nevent: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,"));
  EXPECT_THAT(body, ::testing::EndsWith("}\n\n"));
  session["accept"] = "application/json";
  EXPECT_EQ(Post(call, session)->Header("Content-Type"), "application/json")
      << "who cannot read streams gets the answer alone";
}

TEST_F(HttpEndpointTest, ACallEndsWhenItIsCancelledOrItsClientLeaves) {
  Gate running;
  service_.on_refresh = [&running](const IndexRequest&,
                                   const CallContext& context) -> Result<IndexReport> {
    running.Open();
    while (!context.cancel->IsCancelled()) std::this_thread::yield();
    return Cancelled("");
  };
  const Headers session = NewSession();
  const auto cancelled = Post(Call("refresh_index"), session);
  running.Wait();
  EXPECT_EQ(Post(McpNotification("notifications/cancelled", {{"requestId", 1}}), session)->status(),
            202);
  EXPECT_EQ(cancelled->body(), "");
  const auto left = Post(Call("refresh_index"), session);
  ASSERT_TRUE(left_);
  left_();
  EXPECT_EQ(left->body(), "");
}

TEST_F(HttpEndpointTest, TheOldestIdleSessionMakesRoom) {
  const Headers first = NewSession();
  const Headers second = NewSession();
  NewSession();
  EXPECT_EQ(Post(Request("ping"), first)->status(), 200);
  NewSession();
  EXPECT_EQ(Post(Request("ping"), first)->status(), 200);
  EXPECT_EQ(Post(Request("ping"), second)->status(), 404) << "the longest silent one";
}

TEST_F(HttpEndpointTest, NobodyAtWorkIsPutOut) {
  Gate gate;
  service_.on_search = [&gate](const SearchRequest&, const CallContext&) {
    gate.Wait();
    return SearchReport();
  };
  std::vector<std::shared_ptr<FakeReply>> replies;
  for (int i = 0; i < 3; ++i) {
    replies.push_back(Post(Call("search_code", {{"query", "x"}}), NewSession()));
  }
  const auto refused = Initialize();
  EXPECT_EQ(refused->status(), 503);
  EXPECT_EQ(refused->Header("Retry-After"), "1");
  gate.Open();
  for (const auto& reply : replies) EXPECT_EQ(reply->status(), 200);
  // An answer is given just before its session counts as idle.
  while (Initialize()->status() == 503) std::this_thread::yield();
}

// A request of 2026-07-28 and its headers.
json Modern(json request) {
  request["params"]["_meta"] = {{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
                                {"io.modelcontextprotocol/clientCapabilities", json::object()}};
  return request;
}

TEST_F(HttpEndpointTest, RequestsThatStandForThemselves) {
  const Headers list = {{"mcp-protocol-version", "2026-07-28"}, {"mcp-method", "tools/list"}};
  const auto listed = Post(Modern(Request("tools/list")), list);
  EXPECT_EQ(listed->status(), 200);
  EXPECT_EQ(listed->Header("Mcp-Session-Id"), "");
  EXPECT_EQ(listed->Body()["result"]["resultType"], "complete");
  Headers call = {{"mcp-protocol-version", "2026-07-28"},
                  {"mcp-method", "tools/call"},
                  {"mcp-name", "index_status"}};
  EXPECT_EQ(Post(Modern(Call("index_status")), call)->status(), 200);
  call["mcp-name"] = "=?base64?aW5kZXhfc3RhdHVz?=";
  EXPECT_EQ(Post(Modern(Call("index_status")), call)->status(), 200);
  for (const char* name : {"search_code", "", "=?base64?aW5kZXhfc3RhdHV?=", "=?base64?%?="}) {
    call["mcp-name"] = name;
    const auto reply = Post(Modern(Call("index_status")), call);
    EXPECT_EQ(reply->status(), 400) << name;
    EXPECT_EQ(reply->Body()["error"]["code"], kHeaderMismatch) << name;
    EXPECT_EQ(reply->Body()["id"], 1);
  }
  const auto unknown =
      Post(Modern(Request("prompts/list")),
           {{"mcp-protocol-version", "2026-07-28"}, {"mcp-method", "prompts/list"}});
  EXPECT_EQ(unknown->status(), 404);
  const auto bare = Post(Request("tools/list"), list);
  EXPECT_EQ(bare->status(), 400);
  EXPECT_EQ(bare->Body()["error"]["code"], kInvalidParams);
  EXPECT_EQ(Post(McpNotification("notifications/cancelled"), list)->status(), 202);
}

}  // namespace
}  // namespace coderank::server::mcp
