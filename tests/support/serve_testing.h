// The world of the tests of `serve`: the real program on a tree with a tiny model, asked through
// real sockets.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/coderank_runner.h"
#include "support/http_client.h"
#include "support/line_process.h"

namespace coderank::testing {

class ServeTest : public ::testing::Test {
 protected:
  ServeTest() {
    EXPECT_EQ(coderank_.AddTinyModel().exit_code, 0);
    coderank_.Write("reader.cc",
                    "// Reads bounded bytes.\nint ReadBytes(int limit) {\n  return limit;\n}\n");
    coderank_.Write("sub/writer.py", "def write_bytes(count):\n    return count\n");
  }

  // Starts the server and waits until it is ready.
  void Serve(std::vector<std::string> arguments = {"."}) {
    arguments.insert(arguments.begin(), {CODERANK_PROGRAM, "serve", "--listen", "127.0.0.1:0"});
    server_ = std::make_unique<LineProcess>(arguments,
                                            ProcessOptions{.input = {},
                                                           .environment = coderank_.environment(),
                                                           .working_directory = coderank_.tree()});
    const auto line = server_->Next();
    ASSERT_TRUE(line) << "the server said nothing";
    address_ = *line;
    const size_t colon = address_.rfind(':');
    ASSERT_TRUE(address_.starts_with("http://127.0.0.1:")) << address_;
    port_ = std::atoi(address_.c_str() + colon + 1);
    const size_t token = address_.find("?token=");
    token_ = token == std::string::npos ? "" : address_.substr(token + 7);
    ASSERT_TRUE(Eventually([this] { return Get("/health").status == 200; }));
  }

  // Waits for something that the server does; false after a minute.
  static bool Eventually(const std::function<bool()>& happened) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!happened()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return true;
  }

  std::string Authorization() const { return "Authorization: Bearer " + token_ + "\r\n"; }

  HttpReply Ask(const std::string& text, bool head = false) const {
    HttpConnection connection(port_);
    connection.Send(text);
    return connection.Read(head);
  }
  HttpReply Get(const std::string& target) const {
    return Ask(HttpText("GET", target, Authorization()));
  }
  HttpReply Post(const std::string& target, const nlohmann::json& body) const {
    return PostText(target, body.dump());
  }
  HttpReply PostText(const std::string& target, const std::string& body) const {
    return Ask(
        HttpText("POST", target, Authorization() + "Content-Type: application/json\r\n", body));
  }
  // The value of a line of /metrics, 0 where there is none.
  double Metric(const std::string& name) const {
    const std::string text = "\n" + Get("/metrics").body;
    const size_t at = text.find("\n" + name + " ");
    return at == std::string::npos ? 0 : std::atof(text.c_str() + at + name.size() + 2);
  }
  int StopServer(int signal = SIGTERM) {
    server_->Signal(signal);
    return server_->Wait();
  }

  CoderankRunner coderank_{CODERANK_PROGRAM};
  std::unique_ptr<LineProcess> server_;
  std::string address_;
  std::string token_;
  int port_ = 0;
};

// The answer is an error of this status whose message holds `text`.
MATCHER_P2(IsError, status, text, "") {
  const nlohmann::json json = arg.Json();
  *result_listener << arg.status << " " << arg.body;
  return arg.status == status && json.is_object() && json.contains("error") &&
         json["error"]["message"].template get<std::string>().find(text) != std::string::npos;
}

}  // namespace coderank::testing
