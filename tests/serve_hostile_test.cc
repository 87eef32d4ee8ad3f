// `serve` against clients that are malformed, greedy, slow, gone or strangers: each is refused
// clearly, and the server answers others meanwhile. Nothing here waits for a limit of time; those
// are tested with small limits in src/http/server_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "support/serve_testing.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::HttpConnection;
using testing::HttpReply;
using testing::HttpText;
using testing::IsError;
using ::testing::Not;

class ServeHostileTest : public testing::ServeTest {
 protected:
  // Of somebody who behaves.
  bool AnswersOthers() const {
    return Get("/search?q=read+bytes").Json()["results"][0]["path"] == "reader.cc";
  }
  std::string PostHead(const std::string& target, const std::string& headers) const {
    return "POST " + target + " HTTP/1.1\r\nHost: localhost\r\n" + Authorization() +
           "Content-Type: application/json\r\n" + headers + "\r\n";
  }
};

TEST_F(ServeHostileTest, WhatIsNoRequestIsRefused) {
  Serve();
  const std::string host = "Host: localhost\r\n";
  for (const std::string& text : std::vector<std::string>{
           "nonsense\r\n\r\n", "GET\r\n\r\n", "GET /health\r\n\r\n", "\r\n\r\n\r\n \r\n\r\n",
           std::string("GET /health\0 HTTP/1.1\r\n\r\n", 26), "GET /health HTTP/3.0\r\n\r\n",
           "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
           "GET /health HTTP/1.1\r\nHost localhost\r\n\r\n",
           "GET /health HTTP/1.1\r\n" + host + "A b: x\r\n\r\n",
           PostHead("/search", "Content-Length: 1\r\nContent-Length: 2\r\n") + "ab",
           PostHead("/search", "Content-Length: -1\r\n"),
           PostHead("/search", "Content-Length: 99999999999999999999\r\n"),
           PostHead("/search", "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n",
           PostHead("/search", "Transfer-Encoding: chunked\r\n") + "-1\r\n",
           PostHead("/search", "Transfer-Encoding: chunked\r\n") + "fffffffffffffffff\r\n"}) {
    EXPECT_EQ(Ask(text).status, 400) << text;
  }
  for (const std::string& line : std::vector<std::string>{
           "OPTIONS *", "GET http://evil.example/search?q=a", "CONNECT evil:80", "GET //search?q=a",
           "GET /search/?q=a", "GET /%73earch?q=a"}) {
    EXPECT_EQ(Ask(line + " HTTP/1.1\r\n" + host + Authorization() + "\r\n").status, 404) << line;
  }
  EXPECT_TRUE(AnswersOthers());
}

TEST_F(ServeHostileTest, TooMuchIsRefusedBeforeItIsTaken) {
  Serve();
  EXPECT_EQ(Get("/search?q=" + std::string(20'000, 'x')).status, 431);
  EXPECT_EQ(Ask(HttpText("GET", "/health", "X: " + std::string(20'000, 'x') + "\r\n")).status, 431);
  std::string headers;
  for (int i = 0; i < 100; ++i) headers += "X-" + std::to_string(i) + ": y\r\n";
  EXPECT_THAT(Ask(HttpText("GET", "/health", headers)), IsError(431, "at most 64 headers"));
  EXPECT_EQ(Ask(PostHead("/search", "Content-Length: 1048577\r\n")).status, 413);
  EXPECT_EQ(Ask(PostHead("/v1/embeddings", "Content-Length: 16777217\r\n")).status, 413);
  const std::string chunk = "10000\r\n" + std::string(0x10000, ' ') + "\r\n";
  std::string body;
  for (int i = 0; i < 20; ++i) body += chunk;
  for (const char* path : {"/search", "/mcp", "/related"}) {
    EXPECT_EQ(Ask(PostHead(path, "Transfer-Encoding: chunked\r\n") + body).status, 413) << path;
  }
  EXPECT_EQ(
      Ask(PostHead("/search", "Transfer-Encoding: chunked\r\n") + "1;" + std::string(200'000, 'x'))
          .status,
      413)
      << "an endless extension of a chunk";
  EXPECT_THAT(PostText("/search", "{\"query\":" + std::string(100'000, '[')),
              IsError(400, "nesting"));
  EXPECT_EQ(PostText("/mcp", std::string(100'000, '[')).status, 400);
  EXPECT_TRUE(AnswersOthers());
}

TEST_F(ServeHostileTest, SlowClientsHoldNobodyUp) {
  Serve();
  std::vector<std::unique_ptr<HttpConnection>> slow;
  for (int i = 0; i < 60; ++i) {
    for (const std::string& beginning :
         {std::string(), std::string("GET /search?q=by"),
          "GET /health HTTP/1.1\r\nHost: loc" + std::string(static_cast<size_t>(i), 'a'),
          PostHead("/search", "Content-Length: 100\r\n") + "{\"query\":"}) {
      slow.push_back(std::make_unique<HttpConnection>(port_));
      if (!beginning.empty()) slow.back()->Send(beginning);
    }
    EXPECT_TRUE(AnswersOthers());
  }
  EXPECT_EQ(StopServer(), 0) << "and do not keep the server from stopping";
}

TEST_F(ServeHostileTest, FloodLeavesRoomForOthers) {
  Serve();
  std::vector<std::unique_ptr<HttpConnection>> flood;
  for (int i = 0; i < 600; ++i) {
    flood.push_back(std::make_unique<HttpConnection>(port_));
    flood.back()->Send("GET /search?q=a HTTP/1.1\r\n");
    if (i % 100 == 99) {
      EXPECT_TRUE(AnswersOthers());
    }
  }
  EXPECT_TRUE(flood.front()->IsClosed()) << "the one that was silent for longest";
  EXPECT_LE(Metric("coderank_http_connections"), 300);
}

TEST_F(ServeHostileTest, AnswersThatNobodyReadsHoldNobodyUp) {
  Serve();
  std::string many;
  for (int i = 0; i < 50; ++i) many += HttpText("GET", "/openapi.json", Authorization());
  std::vector<std::unique_ptr<HttpConnection>> deaf;
  for (int i = 0; i < 20; ++i) {
    deaf.push_back(std::make_unique<HttpConnection>(port_));
    deaf.back()->Send(many);
  }
  EXPECT_TRUE(AnswersOthers());
  EXPECT_EQ(deaf.front()->Read().Json()["openapi"], "3.1.0") << "they wait for their reader";
}

TEST_F(ServeHostileTest, PipelinedRequestsAreAnsweredInOrderUpToABadOne) {
  Serve();
  HttpConnection connection(port_);
  std::string all;
  for (int i = 1; i <= 20; ++i) {
    all += HttpText("GET", "/search?q=bytes&limit=" + std::to_string(i), Authorization());
    all += HttpText("GET", "/nowhere", Authorization());
  }
  connection.Send(all + "bad\r\n\r\n" + HttpText("GET", "/health"));
  for (int i = 1; i <= 20; ++i) {
    EXPECT_EQ(connection.Read().Json()["results"].size(), i == 1 ? 1U : 2U);
    EXPECT_EQ(connection.Read().status, 404);
  }
  EXPECT_EQ(connection.Read().status, 400);
  EXPECT_TRUE(connection.IsClosed()) << "what follows has no beginning";
}

TEST_F(ServeHostileTest, ClientsThatLeaveHalfOrWhollyCostNothing) {
  Serve();
  for (int i = 0; i < 50; ++i) {
    HttpConnection gone(port_);
    gone.Send(HttpText("GET", "/search?q=bytes", Authorization()));
  }
  HttpConnection half(port_);
  half.Send(HttpText("GET", "/health"));
  half.HalfClose();
  EXPECT_EQ(half.Read().status, 200);
  HttpConnection body(port_);
  body.Send(PostHead("/search", "Content-Length: 100\r\n") + "{\"query\"");
  body.HalfClose();
  EXPECT_TRUE(body.IsClosed()) << "there is nothing to answer";
  EXPECT_TRUE(AnswersOthers());
  EXPECT_TRUE(Eventually([this] { return Metric("coderank_searches_running") == 0; }));
}

TEST_F(ServeHostileTest, WrongTokensOpenNothing) {
  Serve();
  std::string almost = token_;
  almost.back() = almost.back() == '0' ? '1' : '0';
  for (const std::string& credentials : std::vector<std::string>{
           "", "Bearer", "Bearer ", "Bearer " + almost, "Bearer " + token_.substr(1),
           "Bearer " + token_ + "0", "Bearer  " + token_, "Basic " + token_, token_,
           "Bearer " + std::string(10'000, 'a')}) {
    for (const std::string path :
         {"/search?q=a", "/status", "/metrics", "/openapi.json", "/nowhere", "/health/"}) {
      EXPECT_EQ(Ask(HttpText("GET", path, "Authorization: " + credentials + "\r\n")).status, 401)
          << credentials << " " << path;
    }
    EXPECT_EQ(Ask(HttpText("POST", "/mcp", "Authorization: " + credentials + "\r\n")).status, 401);
  }
  EXPECT_EQ(Ask(HttpText("GET", "/search?q=a&token=" + almost)).status, 401);
  EXPECT_EQ(Ask(HttpText("GET", "/search?q=a", Authorization() + "Authorization: x\r\n")).status,
            400)
      << "which of two counts is nobody's guess";
  EXPECT_TRUE(AnswersOthers());
}

// The name of a stranger's page, made to resolve to this machine, and pages that ask across
// origins.
TEST_F(ServeHostileTest, StrangersPagesReachNoRoute) {
  Serve({".", "--no-token"});
  for (const std::string path : {"/", "/app.js", "/health", "/search?q=a", "/openapi.json"}) {
    const std::string line = "GET " + path + " HTTP/1.1\r\n";
    EXPECT_THAT(Ask(line + "Host: evil.example\r\n\r\n"), IsError(403, "Host")) << path;
    EXPECT_THAT(Ask(line + "Host: localhost.evil.example\r\n\r\n"), IsError(403, "Host")) << path;
    for (const char* origin : {"http://evil.example", "null", "https://localhost:1", "file://"}) {
      EXPECT_THAT(Ask(line + "Host: localhost\r\nOrigin: " + origin + "\r\n\r\n"),
                  IsError(403, "Origin"))
          << path << " " << origin;
    }
  }
  for (const std::string path : {"/mcp", "/search", "/v1/embeddings"}) {
    EXPECT_EQ(
        Ask(HttpText("POST", path,
                     "Origin: http://evil.example\r\nContent-Type: application/json\r\n", "{}"))
            .status,
        403)
        << path;
  }
  // What a form of a stranger can send without asking first.
  EXPECT_THAT(Ask(HttpText("POST", "/search", "Content-Type: text/plain\r\n", "{\"query\":\"a\"}")),
              IsError(400, "Content-Type"));
}

TEST_F(ServeHostileTest, NothingLeadsOutOfTheTree) {
  fs::create_directories(coderank_.world() / "secret");
  std::ofstream(coderank_.world() / "secret/key.cc") << "int UnutterableSecret() { return 7; }\n";
  fs::create_symlink(coderank_.world() / "secret", coderank_.tree() / "folder");
  fs::create_symlink(coderank_.world() / "secret/key.cc", coderank_.tree() / "file.cc");
  fs::create_symlink("/", coderank_.tree() / "root");
  Serve();
  EXPECT_THAT(Get("/search?q=UnutterableSecret").body, Not(HasSubstr("return 7")));
  const std::string world = coderank_.world().native();
  for (const std::string place :
       {"folder/key.cc:1", "file.cc:1", "../secret/key.cc:1", "sub/../../secret/key.cc:1",
        "root/etc/passwd:1", "/etc/passwd:1", world.c_str()}) {
    const HttpReply reply = Post("/related", {{"place", place}});
    EXPECT_GE(reply.status, 400) << place;
    EXPECT_THAT(reply.body, Not(HasSubstr("return 7"))) << place;
  }
  for (const std::string directory : {"folder", "root", "root/etc", "..", "folder/../.."}) {
    EXPECT_THAT(Post("/search", {{"query", "a"}, {"directory", directory}}),
                IsError(403, "outside"))
        << directory;
    EXPECT_EQ(Get("/status?directory=" + directory).status, 403) << directory;
  }
  EXPECT_FALSE(fs::exists(coderank_.world() / "secret/.coderank"));
}

}  // namespace
}  // namespace coderank
