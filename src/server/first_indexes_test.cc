#include "server/first_indexes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace coderank::server {
namespace {

using ::testing::HasSubstr;

// A build that goes on until the test lets it end, or it is cancelled.
class FirstIndexesTest : public ::testing::Test {
 protected:
  ~FirstIndexesTest() override { first_.Stop(); }

  Result<IndexReport> Build(const IndexRequest& request, const ProgressSink& progress,
                            const CancellationToken* cancel) {
    ++builds_;
    progress({.files_seen = 42});
    while (!may_end_ && !cancel->IsCancelled()) std::this_thread::yield();
    if (cancel->IsCancelled()) {
      ++cancelled_;
      return Cancelled("cancelled");
    }
    return IndexReport{.root = request.directory};
  }
  Result<IndexReport> Make(const CallContext& context) {
    return first_.Make({.directory = "/tree"}, context);
  }
  // A caller that gives up as soon as it has heard of the run.
  CallContext Impatient(CancellationToken& token, bool keeps) {
    return {.cancel = &token,
            .progress = [&token](const IndexProgress&) { token.Cancel(); },
            .keeps_first_index = keeps};
  }

  std::atomic<int> builds_{0};
  std::atomic<int> cancelled_{0};
  std::atomic<bool> may_end_{false};
  FirstIndexes first_{thread_, [this](const IndexRequest& request, const ProgressSink& progress,
                                      const CancellationToken* cancel) {
                        return Build(request, progress, cancel);
                      }};
  IndexThread thread_{4, 0};  // ends first
};

TEST_F(FirstIndexesTest, OneRunServesAllWhoAsk) {
  std::atomic<int> told{0};
  std::atomic<int> served{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] {
      const auto report = Make({.progress = [&](const IndexProgress&) { ++told; }});
      if (report && report->root == "/tree") ++served;
    });
  }
  while (told < 8) std::this_thread::yield();
  may_end_ = true;
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(served, 8);
  EXPECT_EQ(builds_, 1);
  EXPECT_TRUE(Make({.progress = {}}));
  EXPECT_EQ(builds_, 2) << "the index has been removed since, as its caller found";
}

TEST_F(FirstIndexesTest, RunGoesOnWhereTheCallerWillAskAgain) {
  CancellationToken token;
  const auto first = Make(Impatient(token, /*keeps=*/true));
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().code(), StatusCode::kUnavailable);
  EXPECT_THAT(first.error().message(), HasSubstr("/tree: its index is being made (42 files are"));
  may_end_ = true;
  EXPECT_TRUE(Make({.progress = {}}));
  EXPECT_EQ(cancelled_, 0);
}

TEST_F(FirstIndexesTest, RunThatNobodyWaitsForIsCancelled) {
  CancellationToken token;
  const auto first = Make(Impatient(token, /*keeps=*/false));
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().code(), StatusCode::kCancelled);
  while (cancelled_ == 0) std::this_thread::yield();
  may_end_ = true;
  EXPECT_TRUE(Make({.progress = {}})) << "the next caller's run is another";
  EXPECT_EQ(builds_, 2);
}

TEST_F(FirstIndexesTest, AnotherWhoWaitsKeepsTheRun) {
  std::atomic<bool> waits{false};
  std::thread patient(
      [&] { EXPECT_TRUE(Make({.progress = [&](const IndexProgress&) { waits = true; }})); });
  while (!waits) std::this_thread::yield();
  CancellationToken token;
  EXPECT_EQ(Make(Impatient(token, /*keeps=*/false)).error().code(), StatusCode::kUnavailable);
  may_end_ = true;
  patient.join();
  EXPECT_EQ(builds_, 1);
}

}  // namespace
}  // namespace coderank::server
