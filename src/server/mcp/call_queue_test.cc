#include "server/mcp/call_queue.h"

#include <gtest/gtest.h>

#include <atomic>

#include "server/mcp/session_testing.h"
#include "support/gate.h"

namespace coderank::server::mcp {
namespace {

using testing::Gate;

TEST(CallQueueTest, RunsAsManyAtOnceAsItMay) {
  CallQueue queue({.threads = 3, .waiting = 0});
  Gate gate;
  Gate all_run;
  std::atomic<int> running{0};
  const auto job = [&] {
    if (++running == 3) all_run.Open();
    gate.Wait();
  };
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(queue.Post(job));
  all_run.Wait();  // would wait for ever if two of them shared a thread
  EXPECT_FALSE(queue.Post(job)) << "no thread, and none may wait";
  gate.Open();
}

TEST(CallQueueTest, WaitingOnesRunInTheirOrderAndToTheEnd) {
  std::string order;
  Gate gate;
  {
    CallQueue queue({.threads = 1, .waiting = 2});
    EXPECT_TRUE(queue.Post([&] { gate.Wait(); }));
    EXPECT_TRUE(queue.Post([&] { order += "a"; }));
    // Whether the first has left the queue yet is for the machine to say.
    while (queue.Post([&] { order += "b"; })) {
    }
    gate.Open();
  }
  EXPECT_EQ(order.substr(0, 2), "ab") << "the end of the queue waits for what is in it";
}

TEST(CallQueueTest, AThreadIsUsedAgain) {
  CallQueue queue({.threads = 1, .waiting = 1});
  for (int i = 0; i < 100; ++i) {
    Gate done;
    while (!queue.Post([&done] { done.Open(); })) {
    }
    done.Wait();
  }
}

}  // namespace
}  // namespace coderank::server::mcp
