#include "base/thread_pool.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <vector>

namespace coderank {
namespace {

TEST(ThreadPoolTest, RunsEveryIndexOnce) {
  ThreadPool pool(4);
  for (const size_t count : std::initializer_list<size_t>{0, 1, 2, 3, 5, 1000}) {
    std::vector<std::atomic<int>> runs(count);
    EXPECT_TRUE(pool.ParallelFor(count, [&](size_t i) { runs[i].fetch_add(1); }));
    for (const auto& run : runs) EXPECT_EQ(run.load(), 1);
  }
}

TEST(ThreadPoolTest, NestedLoopsRunInline) {
  ThreadPool pool(3);
  std::atomic<int> total{0};
  pool.ParallelFor(8, [&](size_t) {
    const auto outer = std::this_thread::get_id();
    pool.ParallelFor(8, [&](size_t) {
      EXPECT_EQ(std::this_thread::get_id(), outer);
      total.fetch_add(1);
    });
  });
  EXPECT_EQ(total.load(), 64);
}

TEST(ThreadPoolTest, SeveralCallersShareThePool) {
  ThreadPool pool(3);
  std::atomic<int> total{0};
  std::vector<std::thread> callers;
  callers.reserve(4);
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&] {
      for (int round = 0; round < 100; ++round) {
        pool.ParallelFor(7, [&](size_t) { total.fetch_add(1); });
      }
    });
  }
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(total.load(), 4 * 100 * 7);
}

TEST(ThreadPoolTest, CancellationStartsNoFurtherIndex) {
  ThreadPool pool(2);
  CancellationToken cancel;
  std::atomic<int> runs{0};
  EXPECT_FALSE(pool.ParallelFor(
      100000,
      [&](size_t) {
        runs.fetch_add(1);
        cancel.Cancel();
      },
      &cancel));
  EXPECT_LE(runs.load(), 2);
  EXPECT_FALSE(pool.ParallelFor(
      1, [&](size_t) { runs.fetch_add(1); }, &cancel));
}

TEST(ThreadPoolTest, ExceptionReachesTheCallerAndThePoolSurvives) {
  ThreadPool pool(3);
  EXPECT_THROW(pool.ParallelFor(50,
                                [](size_t i) {
                                  if (i == 7) throw std::runtime_error("x");
                                }),
               std::runtime_error);
  std::atomic<int> runs{0};
  EXPECT_TRUE(pool.ParallelFor(50, [&](size_t) { runs.fetch_add(1); }));
  EXPECT_EQ(runs.load(), 50);
}

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

TEST(ThreadPoolTest, IdleThreadsUseNoCpu) {
  ThreadPool pool(4);
  pool.ParallelFor(64, [](size_t) {});
  const double before = CpuSeconds();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  // One spinning thread would use 0.3 s; the bound leaves room for sanitizers' own threads.
  EXPECT_LT(CpuSeconds() - before, 0.05);
}

}  // namespace
}  // namespace coderank
