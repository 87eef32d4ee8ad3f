#include "http/handler_threads.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace coderank::http {
namespace {

TEST(HandlerThreadsTest, NoMoreThanTheLimitIsTaken) {
  std::promise<void> gate;
  HandlerThreads threads(2);
  const auto wait = [opened = gate.get_future().share()] { opened.wait(); };
  EXPECT_NE(threads.Run(wait), nullptr);
  EXPECT_NE(threads.Run(wait), nullptr);
  EXPECT_EQ(threads.Run(wait), nullptr);
  gate.set_value();
}

TEST(HandlerThreadsTest, APlaceGivenBackIsFreeThoughItsTaskRuns) {
  std::promise<void> gate;
  std::atomic<int> ran{0};
  {
    HandlerThreads threads(1);
    const auto first = threads.Run([opened = gate.get_future().share()] { opened.wait(); });
    ASSERT_NE(first, nullptr);
    EXPECT_EQ(threads.Run([&ran] { ++ran; }), nullptr);
    first->GiveBack();
    first->GiveBack();  // is one place all the same
    EXPECT_NE(threads.Run([&ran] { ++ran; }), nullptr);
    EXPECT_EQ(threads.Run([&ran] { ++ran; }), nullptr);
    gate.set_value();
  }
  EXPECT_EQ(ran, 1);
}

}  // namespace
}  // namespace coderank::http
