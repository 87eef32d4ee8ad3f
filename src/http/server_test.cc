// The server against clients that are malformed, oversized, slow or gone. Limits are small here, so
// that clients reach them; nothing is measured.
#include "http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/gate.h"
#include "support/http_client.h"
#include "support/temp_dir.h"

namespace coderank::http {
namespace {

using std::chrono::milliseconds;
using testing::Gate;
using ::testing::HasSubstr;
using testing::HttpConnection;
using testing::HttpReply;
using testing::HttpText;

// Until the exchange is cancelled.
void WaitForCancel(const Exchange& exchange) {
  while (!exchange.cancel().IsCancelled()) std::this_thread::yield();
}

class HttpServerTest : public ::testing::Test {
 protected:
  ~HttpServerTest() override {
    gate_.Open();
    server_.reset();
  }

  void Start(const Limits& limits = {}) {
    server_ =
        std::make_unique<Server>(limits, [this](const std::string& route, int status, double) {
          const std::lock_guard lock(mutex_);
          observed_.emplace_back(route, status);
        });
    const auto bound = server_->ListenTcp({.host = "127.0.0.1", .port = 0}, {}, Routes(), {});
    ASSERT_TRUE(bound) << bound.error().message();
    port_ = bound->port;
    server_->Start();
  }

  Router Routes() {
    Router router;
    router.Add(
        {.method = "POST", .path = "/echo", .handler = [](std::unique_ptr<Exchange> exchange) {
           exchange->Reply({.headers = {}, .body = exchange->request().body});
         }});
    router.Add(
        {.method = "GET",
         .path = "/quick",
         .handler = [](std::unique_ptr<Exchange> e) { e->Reply({.headers = {}, .body = "q"}); },
         .quick = true});
    router.Add(
        {.method = "GET", .path = "/gate", .handler = [this](std::unique_ptr<Exchange> exchange) {
           ++at_gate_;
           gate_.Wait();
           exchange->Reply({.headers = {}, .body = "through"});
         }});
    router.Add(
        {.method = "GET", .path = "/wait", .handler = [this](std::unique_ptr<Exchange> exchange) {
           ++at_gate_;
           WaitForCancel(*exchange);
           ended_by_ = static_cast<int>(exchange->ended_by());
           exchange->Reply(ErrorResponse(503, "cancelled", "cancelled"));
         }});
    router.Add(
        {.method = "GET", .path = "/stream", .handler = [this](std::unique_ptr<Exchange> exchange) {
           exchange->Begin({.content_type = "text/plain", .headers = {}, .body = {}}, "\n");
           exchange->Write("first;");
           gate_.Wait();
           exchange->Write("second;");
           exchange->End();
         }});
    router.Add({.method = "GET", .path = "/drop", .handler = [](std::unique_ptr<Exchange>) {}});
    router.Add({.method = "GET", .path = "/throw", .handler = [](std::unique_ptr<Exchange>) {
                  throw std::bad_alloc();
                }});
    return router;
  }

  void WaitUntilAtGate(int count) const {
    while (at_gate_ < count) std::this_thread::yield();
  }
  HttpReply Ask(const std::string& text) const {
    HttpConnection connection(port_);
    connection.Send(text);
    return connection.Read();
  }
  bool StillAnswers() const { return Ask(HttpText("GET", "/quick")).body == "q"; }

  Gate gate_;
  std::atomic<int> at_gate_{0};
  std::atomic<int> ended_by_{-1};
  std::mutex mutex_;
  std::vector<std::pair<std::string, int>> observed_;  // guarded by mutex_
  int port_ = 0;
  std::unique_ptr<Server> server_;
};

TEST_F(HttpServerTest, KeepsConnectionsAndAnswersPipelinedRequestsInOrder) {
  Start();
  HttpConnection connection(port_);
  std::string all;
  for (int i = 0; i < 50; ++i) all += HttpText("POST", "/echo", "", "body " + std::to_string(i));
  connection.Send(all);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(connection.Read().body, "body " + std::to_string(i));
  connection.Send(HttpText("GET", "/quick", "Connection: close\r\n"));
  EXPECT_EQ(connection.Read().Header("connection"), "close");
  EXPECT_TRUE(connection.IsClosed());
}

TEST_F(HttpServerTest, TakesBodiesInChunksAndAsksForThoseThatWait) {
  Start();
  EXPECT_EQ(Ask(HttpText("POST", "/echo", "Transfer-Encoding: chunked\r\n") +
                "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n")
                .body,
            "abcde");
  HttpConnection connection(port_);
  connection.Send(HttpText("POST", "/echo", "Expect: 100-continue\r\nContent-Length: 2\r\n"));
  EXPECT_THAT(connection.ReadUntil("\r\n\r\n"), HasSubstr("100 Continue"));
  connection.Send("ok");
  EXPECT_EQ(connection.Read().body, "ok");
}

TEST_F(HttpServerTest, RefusesWhatIsNoRequest) {
  Start();
  const std::string post = "POST /echo HTTP/1.1\r\nHost: localhost\r\n";
  for (const std::string& text : std::vector<std::string>{
           "nonsense\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET\r\n\r\n", "\x16\x03\x01\x02\x01",
           "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET /quick HTTP/1.1\r\nHost\r\n\r\n",
           post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
           post + "Content-Length: -1\r\n\r\n",
           post + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    EXPECT_EQ(Ask(text).status, 400) << text;
  }
  EXPECT_TRUE(StillAnswers());
}

TEST_F(HttpServerTest, RefusesTooMuch) {
  Start({.header_bytes = 2048, .header_count = 8, .body_bytes = 100});
  EXPECT_EQ(Ask(HttpText("GET", "/quick", "X: " + std::string(4096, 'x') + "\r\n")).status, 431);
  EXPECT_EQ(Ask(HttpText("GET", "/" + std::string(4096, 'x'))).status, 431);
  std::string headers;
  for (int i = 0; i < 20; ++i) headers += "X-" + std::to_string(i) + ": y\r\n";
  EXPECT_EQ(Ask(HttpText("GET", "/quick", headers)).status, 431);
  EXPECT_EQ(Ask(HttpText("POST", "/echo", "", std::string(101, 'x'))).status, 413);
  EXPECT_EQ(Ask(HttpText("POST", "/echo", "", std::string(100, 'x'))).status, 200);
  const std::string chunk = "32\r\n" + std::string(50, 'x') + "\r\n";
  EXPECT_EQ(Ask(HttpText("POST", "/echo", "Transfer-Encoding: chunked\r\n") + chunk + chunk +
                chunk + "0\r\n\r\n")
                .status,
            413)
      << "the limit holds for what comes in chunks";
  EXPECT_EQ(Ask(HttpText("POST", "/echo", "Content-Length: 18446744073709551615\r\n")).status, 413);
  EXPECT_EQ(Ask(HttpText("POST", "/echo", "Transfer-Encoding: chunked\r\n") + "1;" +
                std::string(300'000, 'x'))
                .status,
            413)
      << "an endless chunk extension";
  EXPECT_TRUE(StillAnswers());
}

TEST_F(HttpServerTest, RefusalIsReadEvenWhileTheBodyIsSent) {
  Start({.body_bytes = 100});
  HttpConnection connection(port_);
  connection.Send(HttpText("POST", "/echo", "Content-Length: 500000\r\n") +
                  std::string(500'000, 'x'));
  EXPECT_EQ(connection.Read().status, 413);
  EXPECT_TRUE(connection.IsClosed());
}

TEST_F(HttpServerTest, SlowClientsAreLeft) {
  Start({.header_time = milliseconds(100),
         .body_time = milliseconds(100),
         .idle_time = milliseconds(100)});
  HttpConnection silent(port_);
  HttpConnection header(port_);
  header.Send("GET /quick HTTP/1.1\r\nHost: loc");
  HttpConnection body(port_);
  body.Send(HttpText("POST", "/echo", "Content-Length: 10\r\n") + "half");
  HttpConnection idle(port_);
  idle.Send(HttpText("GET", "/quick"));
  EXPECT_EQ(idle.Read().status, 200);
  EXPECT_TRUE(silent.IsClosed()) << "nothing was asked, so nothing is said";
  EXPECT_EQ(header.Read().status, 408);
  EXPECT_EQ(body.Read().status, 408);
  EXPECT_TRUE(idle.IsClosed());
  EXPECT_TRUE(StillAnswers());
}

TEST_F(HttpServerTest, FloodOfConnectionsMakesRoom) {
  Start({.connections = 8});
  std::vector<std::unique_ptr<HttpConnection>> flood;
  for (int i = 0; i < 100; ++i) {
    flood.push_back(std::make_unique<HttpConnection>(port_));
    flood.back()->Send("GET /quick HTTP/1.1\r\n");
  }
  EXPECT_TRUE(StillAnswers());
  EXPECT_LE(server_->activity().connections, 16) << "and those that are being closed";
  EXPECT_TRUE(flood.front()->IsClosed()) << "the one silent for longest";
}

TEST_F(HttpServerTest, FullServerTellsNewcomers) {
  Start({.connections = 2});
  HttpConnection one(port_);
  HttpConnection two(port_);
  one.Send(HttpText("GET", "/gate"));
  two.Send(HttpText("GET", "/gate"));
  WaitUntilAtGate(2);
  for (const std::string& text :
       std::vector<std::string>{HttpText("GET", "/quick"), std::string("half a requ")}) {
    HttpConnection newcomer(port_);
    newcomer.Send(text);
    const HttpReply refused = newcomer.Read();
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.Header("retry-after"), "1");
    EXPECT_EQ(refused.Header("connection"), "close");
    EXPECT_THAT(refused.body, HasSubstr("as many connections as it can"));
    EXPECT_TRUE(newcomer.IsClosed());
  }
  gate_.Open();
  EXPECT_EQ(one.Read().body, "through");
  EXPECT_EQ(two.Read().body, "through");
  EXPECT_TRUE(StillAnswers()) << "one that is silent now makes room";
}

TEST_F(HttpServerTest, FloodOfAFullServerIsClosed) {
  Start({.connections = 1, .turned_away = 4});
  HttpConnection busy(port_);
  busy.Send(HttpText("GET", "/gate"));
  WaitUntilAtGate(1);
  std::vector<std::unique_ptr<HttpConnection>> flood;
  for (int i = 0; i < 100; ++i) flood.push_back(std::make_unique<HttpConnection>(port_));
  int told = 0;
  for (const auto& connection : flood) told += connection->Read().status == 503 ? 1 : 0;
  EXPECT_GE(told, 4);
  gate_.Open();
  EXPECT_EQ(busy.Read().body, "through");
  EXPECT_TRUE(StillAnswers());
}

TEST_F(HttpServerTest, BusyHandlersAreSaid) {
  Start({.handlers = 2});
  HttpConnection one(port_);
  HttpConnection two(port_);
  one.Send(HttpText("GET", "/gate"));
  two.Send(HttpText("GET", "/gate"));
  WaitUntilAtGate(2);
  const HttpReply busy = Ask(HttpText("GET", "/gate"));
  EXPECT_EQ(busy.status, 429);
  EXPECT_EQ(busy.Header("retry-after"), "1");
  EXPECT_TRUE(StillAnswers()) << "quick routes need no handler thread";
  gate_.Open();
  EXPECT_EQ(one.Read().body, "through");
  EXPECT_EQ(two.Read().body, "through");
  EXPECT_EQ(Ask(HttpText("GET", "/gate")).status, 200);
}

// A thread that has answered is a little later free than its client asks again.
TEST_F(HttpServerTest, WhoHasBeenAnsweredFindsAPlace) {
  Start({.handlers = 1});
  gate_.Open();
  HttpConnection connection(port_);
  for (int i = 0; i < 1000; ++i) {
    connection.Send(HttpText("GET", "/gate"));
    ASSERT_EQ(connection.Read().status, 200) << "request " << i;
  }
}

TEST_F(HttpServerTest, LeavingCancels) {
  Start();
  {
    HttpConnection connection(port_);
    connection.Send(HttpText("GET", "/wait"));
    WaitUntilAtGate(1);
  }
  while (ended_by_ == -1) std::this_thread::yield();
  EXPECT_EQ(ended_by_, static_cast<int>(EndedBy::kClient));
}

TEST_F(HttpServerTest, HalfClosedClientsAreCancelledAndTold) {
  Start();
  HttpConnection connection(port_);
  connection.Send(HttpText("GET", "/wait"));
  connection.HalfClose();
  EXPECT_EQ(connection.Read().status, 503);
  HttpConnection quick(port_);
  quick.Send(HttpText("GET", "/quick"));
  quick.HalfClose();
  EXPECT_EQ(quick.Read().status, 200);
}

TEST_F(HttpServerTest, LongRequestsAreCancelled) {
  Start({.request_time = milliseconds(100)});
  EXPECT_EQ(Ask(HttpText("GET", "/wait")).status, 503);
  EXPECT_EQ(ended_by_, static_cast<int>(EndedBy::kDeadline));
}

TEST_F(HttpServerTest, HandlersThatFailAreAnswered) {
  Start();
  EXPECT_EQ(Ask(HttpText("GET", "/drop")).status, 500);
  EXPECT_EQ(Ask(HttpText("GET", "/throw")).status, 500);
  EXPECT_TRUE(StillAnswers());
}

TEST_F(HttpServerTest, StreamsPieceByPiece) {
  Start();
  HttpConnection connection(port_);
  connection.Send(HttpText("GET", "/stream"));
  EXPECT_THAT(connection.ReadUntil("first;\r\n"), HasSubstr("6\r\nfirst;\r\n"));
  EXPECT_EQ(connection.ReadUntil("\n\r\n"), "1\r\n\n\r\n") << "it says that it is alive";
  gate_.Open();
  EXPECT_THAT(connection.ReadUntil("0\r\n\r\n"), HasSubstr("second;"));
  connection.Send(HttpText("GET", "/quick"));
  EXPECT_EQ(connection.Read().body, "q") << "and the connection goes on";
  HttpConnection old(port_);
  old.Send("GET /stream HTTP/1.0\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(old.ReadUntil("nothing like that"), ::testing::EndsWith("\r\n\r\nfirst;second;"));
}

TEST_F(HttpServerTest, StopLetsRequestsEnd) {
  Start();
  HttpConnection connection(port_);
  connection.Send(HttpText("GET", "/gate"));
  WaitUntilAtGate(1);
  std::thread stopping([this] { server_->Stop(std::chrono::minutes(1)); });
  while (HttpConnection(port_).connected()) std::this_thread::yield();
  gate_.Open();
  const HttpReply reply = connection.Read();
  EXPECT_EQ(reply.body, "through");
  EXPECT_EQ(reply.Header("connection"), "close");
  stopping.join();
}

TEST_F(HttpServerTest, StopCancelsWhatTakesLonger) {
  Start();
  HttpConnection connection(port_);
  connection.Send(HttpText("GET", "/wait"));
  WaitUntilAtGate(1);
  server_->Stop(milliseconds(1));
  EXPECT_EQ(ended_by_, static_cast<int>(EndedBy::kServer));
}

TEST_F(HttpServerTest, EveryRequestIsObserved) {
  Start();
  Ask(HttpText("GET", "/quick"));
  Ask(HttpText("GET", "/nowhere"));
  Ask("nonsense\r\n\r\n");
  {
    HttpConnection leaves(port_);
    leaves.Send(HttpText("GET", "/wait"));
    WaitUntilAtGate(1);
  }
  server_->Stop(std::chrono::minutes(1));
  const std::lock_guard lock(mutex_);
  EXPECT_THAT(observed_, ::testing::ElementsAre(std::pair("/quick", 200), std::pair("", 404),
                                                std::pair("", 400), std::pair("/wait", 503)));
}

TEST_F(HttpServerTest, UnixSocket) {
  const testing::TempDir folder;
  server_ = std::make_unique<Server>(Limits{}, Observer());
  const auto path = folder.path() / "s";
  ASSERT_TRUE(server_->ListenUnix(path, Routes()).ok());
  EXPECT_EQ(server_->ListenUnix(path, Routes()).code(), StatusCode::kUnavailable) << "taken";
  EXPECT_EQ(server_->ListenUnix(folder.path() / std::string(200, 'x'), Routes()).code(),
            StatusCode::kInvalidArgument);
  server_->Start();
  HttpConnection connection(path);
  connection.Send("GET /quick HTTP/1.1\r\n\r\n");
  EXPECT_EQ(connection.Read().body, "q") << "no host is needed";
  server_->Stop(milliseconds(0));
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace coderank::http
