#include "server/mcp/stdio_transport.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>

#include "server/mcp/coderank_tools.h"
#include "server/mcp/session_testing.h"
#include "support/gate.h"
#include "support/mcp_messages.h"

namespace coderank::server::mcp {
namespace {

using nlohmann::json;
using testing::Gate;
using testing::McpCall;
using testing::McpInitialize;
using testing::McpRequest;

// Serves on pipes; the test holds the other ends.
class StdioTest : public ::testing::Test {
 protected:
  StdioTest() {
    ::signal(SIGPIPE, SIG_IGN);
    EXPECT_EQ(::pipe2(in_.data(), O_CLOEXEC), 0);
    EXPECT_EQ(::pipe2(out_.data(), O_CLOEXEC), 0);
    thread_ = std::thread([this] {
      status_ = ServeStdio(server_, in_[0], out_[1], cancel_);
      ::close(out_[1]);
    });
  }
  ~StdioTest() override {
    CloseInput();
    CloseOutput();
    Join();
    ::close(in_[0]);
  }
  void Write(const std::string& bytes) {
    ASSERT_EQ(::write(in_[1], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  void CloseInput() {
    if (in_[1] >= 0) ::close(in_[1]);
    in_[1] = -1;
  }
  void CloseOutput() {
    if (out_[0] >= 0) ::close(out_[0]);
    out_[0] = -1;
  }
  void Join() {
    if (thread_.joinable()) thread_.join();
  }
  // The next line as JSON; null at the end.
  json Read() {
    std::string line;
    char c = 0;
    while (::read(out_[0], &c, 1) == 1) {
      if (c == '\n') return json::parse(line);
      line += c;
    }
    EXPECT_EQ(line, "") << "the end of the output lacks its end of line";
    return nullptr;
  }

  FakeService service_;
  Server server_{CoderankInfo("/tree"), CoderankTools(service_)};
  CancellationToken cancel_;
  Status status_;
  std::array<int, 2> in_{};
  std::array<int, 2> out_{};
  std::thread thread_;
};

std::string Ping(int id) { return McpRequest(id, "ping").dump(); }

// What begins a session and searches in it.
std::string InitializeAndSearch() {
  return McpInitialize(0).dump() + "\n" + McpCall(1, "search_code", {{"query", "x"}}).dump() + "\n";
}

TEST_F(StdioTest, LinesInLinesOut) {
  Write(Ping(1) + "\n" + Ping(2) + "\r\n\n \r\n" + Ping(3).substr(0, 10));
  EXPECT_EQ(Read()["id"], 1);
  EXPECT_EQ(Read()["id"], 2);
  Write(Ping(3).substr(10));
  CloseInput();
  EXPECT_EQ(Read()["id"], 3) << "the last line needs no end";
  EXPECT_EQ(Read(), nullptr);
  Join();
  EXPECT_TRUE(status_.ok());
}

TEST_F(StdioTest, ALineTooLongIsRefusedAndPassedOver) {
  Write(std::string(1000, ' '));
  std::thread writer([this] {
    for (size_t sent = 0; sent < 3 * kMostMessageBytes; sent += 4096) Write(std::string(4096, '['));
    Write("\n" + Ping(1) + "\n");
  });
  const json refused = Read();
  writer.join();
  EXPECT_EQ(refused["error"]["code"], kParseError);
  EXPECT_EQ(Read()["id"], 1);
}

TEST_F(StdioTest, WhatRunsAtTheEndOfTheInputIsAnswered) {
  Gate gate;
  service_.on_search = [&gate](const SearchRequest&, const CallContext&) {
    gate.Wait();
    return SearchReport();
  };
  Write(InitializeAndSearch());
  CloseInput();
  EXPECT_EQ(Read()["id"], 0);
  gate.Open();
  EXPECT_EQ(Read()["id"], 1);
  EXPECT_EQ(Read(), nullptr);
}

TEST_F(StdioTest, WhatRunsStopsWhenNobodyReads) {
  Gate running;
  service_.on_search = [&running](const SearchRequest&,
                                  const CallContext& context) -> Result<SearchReport> {
    running.Open();
    while (!context.cancel->IsCancelled()) std::this_thread::yield();
    return Cancelled("");
  };
  Write(InitializeAndSearch());
  running.Wait();
  CloseOutput();
  Join();  // though its input is open
}

TEST_F(StdioTest, CancellingStopsAllWithoutAnswers) {
  Gate running;
  service_.on_search = [&running](const SearchRequest&,
                                  const CallContext& context) -> Result<SearchReport> {
    running.Open();
    while (!context.cancel->IsCancelled()) std::this_thread::yield();
    return Cancelled("");
  };
  Write(InitializeAndSearch());
  running.Wait();
  EXPECT_EQ(Read()["id"], 0);
  cancel_.Cancel();
  ::pthread_kill(thread_.native_handle(), SIGURG);  // as the signal that sets it would: ignored
  CloseInput();
  EXPECT_EQ(Read(), nullptr);
}

}  // namespace
}  // namespace coderank::server::mcp
