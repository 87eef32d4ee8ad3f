#include "server/turnstile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

namespace coderank::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(TurnstileTest, PlacesAreDistinctAndComeBack) {
  Turnstile turnstile({.name = "things", .places = 2, .most_waiting = 0});
  {
    const auto a = turnstile.Enter(nullptr);
    const auto b = turnstile.Enter(nullptr);
    ASSERT_TRUE(a && b);
    EXPECT_NE(a->place(), b->place());
    const auto c = turnstile.Enter(nullptr);
    ASSERT_FALSE(c);
    EXPECT_EQ(c.error().code(), StatusCode::kResourceExhausted);
    EXPECT_THAT(c.error().message(), HasSubstr("too many things"));
    EXPECT_EQ(turnstile.load().inside, 2);
  }
  EXPECT_EQ(turnstile.load().inside, 0);
  EXPECT_TRUE(turnstile.Enter(nullptr));
}

TEST(TurnstileTest, WaitersComeInOrder) {
  Turnstile turnstile({.name = "things", .places = 1, .most_waiting = 8});
  std::optional<Turnstile::Pass> first;
  first.emplace(*turnstile.Enter(nullptr));
  std::mutex mutex;
  std::vector<int> order;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      const auto pass = turnstile.Enter(nullptr);
      const std::lock_guard lock(mutex);
      order.push_back(i);
    });
    while (turnstile.load().waiting != static_cast<size_t>(i) + 1) std::this_thread::yield();
  }
  first.reset();
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 3));
}

TEST(TurnstileTest, CancelledWaitersLetOthersPass) {
  Turnstile turnstile({.name = "things", .places = 1, .most_waiting = 8});
  std::optional<Turnstile::Pass> first;
  first.emplace(*turnstile.Enter(nullptr));
  CancellationToken cancel;
  StatusCode cancelled = StatusCode::kOk;
  std::thread gives_up([&] {
    const auto pass = turnstile.Enter(&cancel);
    if (!pass) cancelled = pass.error().code();
  });
  while (turnstile.load().waiting != 1) std::this_thread::yield();
  std::atomic<bool> passed = false;
  std::thread stays([&] { passed = turnstile.Enter(nullptr).has_value(); });
  while (turnstile.load().waiting != 2) std::this_thread::yield();
  cancel.Cancel();
  gives_up.join();
  EXPECT_EQ(cancelled, StatusCode::kCancelled);
  first.reset();
  stays.join();
  EXPECT_TRUE(passed);
}

}  // namespace
}  // namespace coderank::server
