// The command line and the running server: who is asked, and what happens when it is not there, is
// another one, hangs or dies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "support/serve_testing.h"
#include "support/tiny_model.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;
using testing::HttpConnection;
using ::testing::Not;
using testing::ProcessResult;
using testing::ServeTest;
using ::testing::StartsWith;

class ServeDaemonTest : public ServeTest {
 protected:
  ProcessResult Search(std::vector<std::string> options = {}) const {
    options.insert(options.begin(), {"search", "read bytes"});
    return coderank_.Run(options);
  }
  // How many calls of that kind the server has answered.
  double Asked(const std::string& call = "search") const {
    return Metric("coderank_http_requests_total{route=\"/call/" + call + "\",status=\"200\"}");
  }
  // Soon, that is: an answer is counted after it is sent.
  bool WasAsked(double times, const std::string& call = "search") const {
    for (int attempt = 0; attempt < 1000 && Asked(call) < times; ++attempt) {
    }
    return Asked(call) == times;
  }
  fs::path RunFolder() const { return coderank_.world() / "home/.local/state/coderank/run"; }
};

TEST_F(ServeDaemonTest, RunningServerGivesTheSameAnswer) {
  Serve();
  for (const std::vector<std::string>& options :
       std::vector<std::vector<std::string>>{{},
                                             {"sub"},
                                             {"--explain", "-k", "1"},
                                             {"-l"},
                                             {"-C", "2"},
                                             {"--mode", "lexical"},
                                             {"--lang", "go"}}) {
    const double before = Asked();
    const ProcessResult asked = Search(options);
    EXPECT_TRUE(WasAsked(before + 1));
    std::vector<std::string> alone = options;
    alone.emplace_back("--no-server");
    const ProcessResult own = Search(alone);
    EXPECT_TRUE(WasAsked(before + 1));
    EXPECT_EQ(asked.out, own.out);
    EXPECT_EQ(asked.err, own.err);
    EXPECT_EQ(asked.exit_code, own.exit_code);
  }
  coderank_.Run({"find-related", "reader.cc:2"});
  EXPECT_TRUE(WasAsked(1, "related"));
}

TEST_F(ServeDaemonTest, NoRefreshReachesTheServer) {
  Serve();
  const auto looked = [this](std::vector<std::string> options) {
    options.emplace_back("--json");
    return json::parse(Search(options).out, nullptr, false)["freshness"]["known"];
  };
  EXPECT_EQ(looked({"--no-refresh"}), false);
  EXPECT_EQ(looked({}), true);
  EXPECT_TRUE(WasAsked(2));
}

// The server has told its own log long ago; who asks now has to hear it all the same.
TEST_F(ServeDaemonTest, NotesOfTheEngineReachWhoeverAsks) {
  Serve();
  fs::remove_all(coderank_.world() / "home/.local/share/coderank/models/tiny");
  const ProcessResult own = Search({"--no-server"});
  EXPECT_THAT(own.err,
              StartsWith("coderank: searching by words alone: model tiny is not installed"))
      << "once, whether the search refreshed the index or not";
  for (int round = 1; round <= 2; ++round) {
    const ProcessResult asked = Search();
    EXPECT_TRUE(WasAsked(round));
    EXPECT_EQ(asked.err, own.err);
    EXPECT_EQ(asked.out, own.out);
  }
  const json notes = Get("/search?q=bytes").Json()["notes"];
  EXPECT_THAT(notes.dump(), HasSubstr("searching by words alone"));
  EXPECT_THAT(notes.dump(), Not(HasSubstr(coderank_.world().native()))) << "to others too";
}

TEST_F(ServeDaemonTest, RunningServerJudgesAsTheProgramDoes) {
  const fs::path judge = coderank_.world() / "judge";
  testing::WriteTinyModel(judge, {.seed = 3, .cross_encoder = true});
  ASSERT_EQ(coderank_.Run({"model", "add", "judge", judge.native()}).exit_code, 0);
  Serve();
  const std::vector<std::string> options = {"--rerank", "cross-encoder", "--rerank-weight", "100",
                                            "--explain"};
  const ProcessResult asked = Search(options);
  EXPECT_TRUE(WasAsked(1));
  EXPECT_THAT(asked.err, HasSubstr("judge judged 2 of 2 candidates"));
  std::vector<std::string> alone = options;
  alone.emplace_back("--no-server");
  EXPECT_EQ(asked.out, Search(alone).out);
  const json report =
      Post("/search", {{"query", "read bytes"}, {"rerank", "cross-encoder"}}).Json();
  EXPECT_EQ(report["rerank"]["judged"], 2);
}

TEST_F(ServeDaemonTest, AnyFolderOfTheUserCanBeAskedAbout) {
  Serve({"sub"});
  const ProcessResult result = Search({"--json"});
  EXPECT_TRUE(WasAsked(1));
  EXPECT_EQ(json::parse(result.out, nullptr, false)["results"][0]["path"], "reader.cc")
      << "not only those that are served over HTTP";
}

TEST_F(ServeDaemonTest, AnotherServerIsNotAsked) {
  Serve();
  coderank_.environment()["CODERANK_MAX_TOKENS"] = "64";
  EXPECT_EQ(Search({"--mode", "lexical"}).exit_code, 0) << "other settings";
  coderank_.environment()["CODERANK_MAX_TOKENS"] = "";
  EXPECT_EQ(Search({"--precision", "int8"}).exit_code, 0) << "other options";
  EXPECT_EQ(Search({"--threads", "1"}).exit_code, 0);
  EXPECT_TRUE(WasAsked(0));
  EXPECT_EQ(Search().exit_code, 0);
  EXPECT_TRUE(WasAsked(1));
}

TEST_F(ServeDaemonTest, ErrorsAreTheCommandLinesOwn) {
  Serve();
  const ProcessResult asked = Search({"--path", "[", "sub/none"});
  const ProcessResult own = Search({"--path", "[", "sub/none", "--no-server"});
  EXPECT_EQ(asked.exit_code, 2);
  EXPECT_EQ(asked.err, own.err);
}

TEST_F(ServeDaemonTest, KilledServerIsDoneWithoutAndReplaced) {
  Serve();
  server_->Signal(SIGKILL);
  server_->Wait();
  EXPECT_TRUE(fs::exists(RunFolder() / "server.sock")) << "left behind";
  EXPECT_EQ(Search().exit_code, 0);
  Serve();
  // Soon, that is: a client that finds a busy server too slow goes on by itself.
  for (int attempt = 0; attempt < 20 && Asked() == 0; ++attempt) {
    EXPECT_EQ(Search().exit_code, 0);
  }
  EXPECT_GE(Asked(), 1);
}

TEST_F(ServeDaemonTest, ServerThatDiesInTheMiddleIsDoneWithout) {
  ASSERT_EQ(Search().exit_code, 0);  // makes the index
  // A server that takes the request and ends the connection, after a good beginning or none.
  fs::create_directories(RunFolder());
  ::chmod(RunFolder().c_str(), 0700);
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, (RunFolder() / "server.sock").c_str(),
               sizeof(address.sun_path) - 1);
  ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(::listen(listener, 8), 0);
  const std::vector<std::string> replies = {
      "",
      "HTTP/1.1 500 Internal Server Error\r\n\r\n",
      "HTTP/1.1 200 OK\r\n\r\n\n\n{\"progress\":{}}\n",
      "HTTP/1.1 200 OK\r\n\r\n{\"answer\":{\"results\":7}}\n",
      "HTTP/1.1 200 OK\r\n\r\n{\"answer\":",
      "HTTP/1.1 200 OK\r\n\r\nnonsense\n",
      "HTTP/1.1 200 OK\r\n\r\n{\"error\":{\"code\":2,\"message\":\"a\"}}\n",
      std::string(100'000, 'x'),
  };
  std::thread server([&] {
    for (const std::string& reply : replies) {
      const int fd = ::accept(listener, nullptr, nullptr);
      std::string request(4096, '\0');
      (void)::recv(fd, request.data(), request.size(), 0);
      (void)::send(fd, reply.data(), reply.size(), MSG_NOSIGNAL);
      ::close(fd);
    }
  });
  for (size_t i = 0; i < replies.size(); ++i) {
    const ProcessResult result = Search();
    EXPECT_EQ(result.exit_code, 0) << replies[i].substr(0, 100);
    EXPECT_THAT(result.out, HasSubstr("reader.cc"));
  }
  server.join();
  ::close(listener);
}

TEST_F(ServeDaemonTest, HangingServerIsDoneWithout) {
  Serve();
  server_->Signal(SIGSTOP);
  EXPECT_THAT(Search().out, HasSubstr("reader.cc"));
  server_->Signal(SIGCONT);
  EXPECT_EQ(StopServer(), 0);
}

TEST_F(ServeDaemonTest, FolderThatOthersMayEnterIsNotUsed) {
  Serve();
  ::chmod(RunFolder().c_str(), 0755);
  EXPECT_EQ(Search().exit_code, 0);
  EXPECT_TRUE(WasAsked(0));
  ::chmod(RunFolder().c_str(), 0700);
}

TEST_F(ServeDaemonTest, SecondServerLeavesTheSocketToTheFirst) {
  Serve();
  auto first = std::move(server_);
  const int port = port_;
  Serve();
  EXPECT_EQ(Search().exit_code, 0);
  EXPECT_TRUE(WasAsked(0));
  EXPECT_EQ(StopServer(), 0);
  server_ = std::move(first);
  port_ = port;
  EXPECT_TRUE(WasAsked(1));
}

TEST_F(ServeDaemonTest, SocketIsForThisUserAlone) {
  Serve();
  struct stat info {};
  ASSERT_EQ(::stat(RunFolder().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700);
  ASSERT_EQ(::stat((RunFolder() / "server.sock").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600);
  HttpConnection connection(RunFolder() / "server.sock");
  connection.Send("GET /search?q=a HTTP/1.1\r\n\r\n");
  EXPECT_EQ(connection.Read().status, 404) << "it answers calls alone";
  connection.Send("POST /call/search HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}");
  EXPECT_EQ(connection.Read().status, 400);
  EXPECT_EQ(StopServer(), 0);
  EXPECT_FALSE(fs::exists(RunFolder() / "server.sock"));
}

}  // namespace
}  // namespace coderank
