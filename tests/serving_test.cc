// Serving inside the process, with limits that a test can wait for.
#include "server/serving/serving.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "store/index_store.h"
#include "support/http_client.h"
#include "support/temp_dir.h"

namespace coderank::server {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::HttpConnection;
using testing::HttpReply;
using testing::HttpText;
using ::testing::Not;

class ServingTest : public ::testing::Test {
 protected:
  ServingTest() {
    for (const char* name : {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME",
                             "XDG_RUNTIME_DIR"}) {
      const fs::path folder = world_.path() / "home" / name;
      fs::create_directories(folder);
      fs::permissions(folder, fs::perms::owner_all);
      ::setenv(name, folder.c_str(), 1);
    }
    world_.Write("tree/reader.cc", "int ReadBytes(int limit) {\n  return limit;\n}\n");
  }

  void Serve(const http::Limits& limits) {
    auto serving = Serving::Start({.engine = {},
                                   .folders = {tree()},
                                   .listen = http::TcpAddress{.host = "127.0.0.1", .port = 0},
                                   .tls = {},
                                   .socket = {},
                                   .without_token = true,
                                   .limits = limits});
    ASSERT_TRUE(serving) << serving.error().message();
    serving_ = *std::move(serving);
    const std::string& address = serving_->addresses().front();
    port_ = std::atoi(address.c_str() + address.rfind(':') + 1);
  }
  HttpReply Get(const std::string& target) const {
    HttpConnection connection(port_);
    connection.Send(HttpText("GET", target));
    return connection.Read();
  }
  fs::path tree() const { return world_.path() / "tree"; }

  testing::TempDir world_;
  std::unique_ptr<Serving> serving_;
  int port_ = 0;
};

// A tree can take hours; who asks meanwhile is told so, and asking does not make it begin anew.
TEST_F(ServingTest, FirstIndexOutlivesTheRequestThatWaitsForIt) {
  fs::create_directories(tree() / ".coderank");
  {
    const auto lock = IndexLock::Acquire(tree() / ".coderank", [] { return false; });
    ASSERT_TRUE(lock) << lock.error().message();
    Serve({.request_time = std::chrono::milliseconds(200)});
    for (int round = 0; round < 2; ++round) {
      const HttpReply early = Get("/search?q=bytes");
      EXPECT_EQ(early.status, 503);
      EXPECT_EQ(early.Header("retry-after"), "1");
      EXPECT_THAT(early.body,
                  AllOf(HasSubstr("tree: its index is being made (another coderank writes it)"),
                        Not(HasSubstr(world_.path().native()))));
    }
    EXPECT_EQ(Get("/health").status, 503);
  }
  while (Get("/health").status != 200) std::this_thread::yield();
  const HttpReply reply = Get("/search?q=bytes");
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.Json()["results"][0]["path"], "reader.cc");
}

}  // namespace
}  // namespace coderank::server
