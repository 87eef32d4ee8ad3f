// `coderank mcp` as an agent starts it: the real program on pipes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "store/index_store.h"
#include "support/coderank_runner.h"
#include "support/line_process.h"
#include "support/mcp_messages.h"

namespace coderank {
namespace {

using nlohmann::json;
using testing::CoderankRunner;
using ::testing::HasSubstr;
using testing::LineProcess;
using testing::McpCall;
using testing::McpInitialize;
using testing::McpNotification;
using testing::McpRequest;
using testing::ProcessResult;

json Cancel(const json& id) {
  return McpNotification("notifications/cancelled",
                         {{"requestId", id}, {"reason", "changed my mind"}});
}

class McpProgramTest : public ::testing::Test {
 protected:
  McpProgramTest() {
    coderank_.Write("src/session.cc",
                    "// Forgets the session when its time is over.\n"
                    "void ExpireSession(Session& session) {\n  session.Drop();\n}\n");
    coderank_.Write("src/retry.cc", "int NextDelay(int tries) {\n  return 1 << tries;\n}\n");
  }

  void Start(std::vector<std::string> arguments = {}) {
    std::vector<std::string> command = {CODERANK_PROGRAM, "mcp"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    process_ = std::make_unique<LineProcess>(
        command, testing::ProcessOptions{.input = {},
                                         .environment = coderank_.environment(),
                                         .working_directory = coderank_.tree()});
  }
  void StartSession(std::vector<std::string> arguments = {}) {
    Start(std::move(arguments));
    EXPECT_EQ(Ask(McpInitialize("init"))["result"]["protocolVersion"], "2025-11-25");
    Send(McpNotification("notifications/initialized"));
  }
  void Send(const json& message) { EXPECT_TRUE(process_->Write(message.dump() + "\n")); }
  // The next message; null at the end. Everything that is printed has to be one.
  json Next() {
    const auto line = process_->Next();
    if (!line) return nullptr;
    json message = json::parse(*line, nullptr, false);
    EXPECT_EQ(message.value("jsonrpc", ""), "2.0") << *line;
    return message;
  }
  json Ask(const json& message) {
    Send(message);
    json answer = Next();
    EXPECT_EQ(answer.value("id", json()), message.value("id", json())) << answer;
    return answer;
  }
  json CallTool(const std::string& tool, json arguments = json::object()) {
    return Ask(McpCall(++last_id_, tool, std::move(arguments)))["result"];
  }
  static std::string TextOf(const json& result) { return result["content"][0]["text"]; }
  void ExpectOrderlyEnd() {
    process_->CloseInput();
    EXPECT_EQ(process_->Next(), std::nullopt);
    EXPECT_EQ(process_->Wait(), 0);
  }

  CoderankRunner coderank_{CODERANK_PROGRAM};
  std::unique_ptr<LineProcess> process_;
  int last_id_ = 0;
};

TEST_F(McpProgramTest, AnAgentFindsCode) {
  ASSERT_EQ(coderank_.AddTinyModel().exit_code, 0);
  StartSession();
  EXPECT_EQ(Ask(McpRequest("list", "tools/list"))["result"]["tools"].size(), 4U);
  const json refreshed = CallTool("refresh_index");
  EXPECT_THAT(TextOf(refreshed), HasSubstr("2 new"));
  EXPECT_EQ(refreshed["structuredContent"]["files_added"], 2);
  const json found = CallTool("search_code", {{"query", "ExpireSession"}, {"limit", 1}});
  EXPECT_THAT(TextOf(found), HasSubstr("src/session.cc:1-4 function ExpireSession\n// Forgets"));
  EXPECT_EQ(found["structuredContent"]["results"].size(), 1U);
  EXPECT_EQ(found["structuredContent"]["model"], "tiny");
  const json related = CallTool("find_related", {{"place", "src/session.cc:2"}});
  EXPECT_EQ(related["structuredContent"]["results"][0]["path"], "src/retry.cc");
  const json status = CallTool("index_status", {{"why", "src/retry.cc"}});
  EXPECT_THAT(TextOf(status), HasSubstr("2 files"));
  EXPECT_THAT(TextOf(status), HasSubstr("src/retry.cc: is indexed"));
  coderank_.Write("src/late.cc", "void ComesLate() {}\n");
  EXPECT_THAT(TextOf(CallTool("search_code", {{"query", "ComesLate"}})),
              HasSubstr("src/late.cc:1-1"));
  ExpectOrderlyEnd();
}

// Whoever listens on the private socket of the tests' user; 0: nobody.
pid_t ServerIn(const std::filesystem::path& world) {
  const std::string path = world / "home/.local/state/coderank/run/server.sock";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ucred peer{};
  socklen_t size = sizeof(peer);
  const bool answers =
      ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
      ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0;
  ::close(fd);
  return answers ? peer.pid : 0;
}

TEST_F(McpProgramTest, StartsAServerThatAgentsShare) {
  ASSERT_EQ(coderank_.AddTinyModel().exit_code, 0);
  ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
  StartSession();
  EXPECT_EQ(ServerIn(coderank_.world()), 0) << "not unasked";
  ExpectOrderlyEnd();
  StartSession({"--start-server", "--idle-exit", "1"});
  const pid_t server = ServerIn(coderank_.world());
  ASSERT_NE(server, 0);
  const auto find = [this] {
    return CallTool("search_code",
                    {{"query", "ExpireSession"}})["structuredContent"]["results"][0]["path"];
  };
  EXPECT_EQ(find(), "src/session.cc");
  ExpectOrderlyEnd();
  EXPECT_EQ(ServerIn(coderank_.world()), server) << "it outlives who started it";
  StartSession({"--start-server", "--idle-exit", "1"});
  EXPECT_EQ(ServerIn(coderank_.world()), server) << "one for all";
  EXPECT_EQ(find(), "src/session.cc");
  ASSERT_EQ(::kill(server, SIGKILL), 0);
  EXPECT_EQ(find(), "src/session.cc") << "its crash takes no session along";
  ExpectOrderlyEnd();
}

TEST_F(McpProgramTest, WithoutAModelWordsAnswer) {
  StartSession();
  const json found = CallTool("search_code", {{"query", "next delay"}});
  EXPECT_THAT(TextOf(found), HasSubstr("src/retry.cc:1-3"));
  EXPECT_THAT(TextOf(found), HasSubstr("by words alone"));
  ExpectOrderlyEnd();
}

TEST_F(McpProgramTest, FoldersStartFromTheOneThatIsServed) {
  std::filesystem::create_directories(coderank_.world() / "elsewhere");
  StartSession({coderank_.tree().native()});
  EXPECT_EQ(
      CallTool("search_code", {{"query", "delay"},
                               {"directory", "src"}})["structuredContent"]["results"][0]["path"]
          .get<std::string>()
          .find('/'),
      std::string::npos)
      << "paths are relative to the folder that was asked about";
  ExpectOrderlyEnd();
  Start({"no-such-folder"});
  EXPECT_EQ(process_->Wait(), 2);
}

TEST_F(McpProgramTest, AWaitingCallReportsProgressAndCanBeCancelled) {
  ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
  StartSession();
  {
    const auto lock = IndexLock::Acquire(coderank_.tree() / ".coderank", [] { return false; });
    ASSERT_TRUE(lock);
    json call = McpCall("slow", "refresh_index");
    call["params"]["_meta"] = {{"progressToken", 7}};
    Send(call);
    const json progress = Next();
    EXPECT_EQ(progress["method"], "notifications/progress");
    EXPECT_EQ(progress["params"]["progressToken"], 7);
    EXPECT_EQ(Ask(McpRequest("p", "ping"))["result"], json::object()) << "while it waits";
    Send(Cancel("slow"));
    EXPECT_EQ(Ask(McpRequest("q", "ping"))["result"], json::object());
  }
  EXPECT_FALSE(CallTool("refresh_index").value("isError", false)) << "the next answer is this one";
  ExpectOrderlyEnd();
}

TEST_F(McpProgramTest, TerminatingStopsWhatRuns) {
  ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
  const auto lock = IndexLock::Acquire(coderank_.tree() / ".coderank", [] { return false; });
  ASSERT_TRUE(lock);
  for (const bool by_signal : {true, false}) {
    StartSession();
    json call = McpCall("slow", "refresh_index");
    call["params"]["_meta"] = {{"progressToken", 7}};
    Send(call);
    EXPECT_EQ(Next()["method"], "notifications/progress");  // it runs
    if (by_signal) {
      process_->Signal(SIGTERM);
      EXPECT_EQ(process_->Next(), std::nullopt);
    } else {
      process_->CloseOutput();
    }
    EXPECT_EQ(process_->Wait(), 0);
  }
}

TEST_F(McpProgramTest, AScriptCanPipeRequestsIn) {
  const std::string input = McpInitialize("init").dump() + "\n" +
                            McpCall(1, "search_code", {{"query", "session"}}).dump() + "\n";
  const ProcessResult result = coderank_.Run({"mcp"}, input);
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, HasSubstr("src/session.cc"));
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 2);
}

TEST_F(McpProgramTest, HostileLinesAreRefusedAndTheServerStays) {
  StartSession();
  const std::vector<std::string> lines = {
      "GET / HTTP/1.1",
      std::string("\0\1\2\xff", 4),
      std::string(100'000, '['),
      std::string(3U << 20U, '{'),
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":")" +
          std::string(2U << 20U, 'x') + "\"}}",
      "[" + std::string(10'000, ',') + "]",
      "\"\\ud800\"",
  };
  for (const std::string& line : lines) {
    EXPECT_TRUE(process_->Write(line + "\n"));
    EXPECT_TRUE(Next().contains("error")) << line.substr(0, 40);
  }
  // An object of very many keys, which must not take more than linear time.
  json call = McpCall("many", "search_code", {{"query", "x"}});
  for (int i = 0; i < 60'000; ++i) call["params"]["arguments"][std::to_string(i)] = 0;
  EXPECT_TRUE(Ask(call)["result"]["isError"]);
  EXPECT_EQ(Ask(McpRequest("alive", "ping"))["result"], json::object());
  ExpectOrderlyEnd();
}

}  // namespace
}  // namespace coderank
