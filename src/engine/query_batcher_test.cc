#include "engine/query_batcher.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "base/try.h"
#include "engine/engine_share.h"
#include "engine/model_store.h"
#include "kernels/kernel_set.h"
#include "model/text_embedder.h"
#include "support/temp_dir.h"
#include "support/tiny_model.h"

namespace coderank {
namespace {

class QueryBatcherTest : public ::testing::Test {
 protected:
  QueryBatcherTest() {
    testing::WriteTinyModel(dir_.path() / "source");
    const ModelStore store(dir_.path() / "models", {.pack_folder = dir_.path() / "packed"});
    auto added =
        store.Add({.source = dir_.path() / "source", .name = "tiny", .origin = {}}, *pool_);
    installed_ = added->model;
  }
  Result<std::unique_ptr<Embedder>> Load() { return Load(installed_); }
  Result<std::unique_ptr<Embedder>> Load(const InstalledModel& model) {
    ++loads_;
    CODERANK_ASSIGN(auto embedder,
                    LoadTextEmbedder(model.folder, model.record, *pool_, dir_.path() / "packed"));
    return std::unique_ptr<Embedder>(std::move(embedder));
  }

  testing::TempDir dir_;
  std::shared_ptr<ThreadPool> pool_ = std::make_shared<ThreadPool>(2);
  InstalledModel installed_;
  std::atomic<int> loads_{0};
};

std::string Query(int i) { return "query number " + std::to_string(i * 7919); }

TEST_F(QueryBatcherTest, CompanyChangesNoBit) {
  const auto embedder = *Load();
  constexpr int kQueries = 200;
  std::vector<std::vector<float>> alone;
  for (int i = 0; i < kQueries; ++i) alone.push_back(embedder->EmbedQuery(Query(i))->vector);
  QueryBatcher batcher(*embedder);
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int t = 0; t < 20; ++t) {
    threads.emplace_back([&, t] {
      for (int i = t; i < kQueries; i += 20) {
        const auto embedding = batcher.EmbedQuery(Query(i), nullptr);
        if (embedding && embedding->vector == alone[static_cast<size_t>(i)]) ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, kQueries);
}

TEST_F(QueryBatcherTest, CancelledQueryIsNotEmbedded) {
  const auto embedder = *Load();
  QueryBatcher batcher(*embedder);
  CancellationToken cancel;
  cancel.Cancel();
  EXPECT_EQ(batcher.EmbedQuery("a", &cancel).error().code(), StatusCode::kCancelled);
  EXPECT_TRUE(batcher.EmbedQuery("a", nullptr)) << "and the next one is";
}

TEST_F(QueryBatcherTest, ShareLoadsAModelOnce) {
  EngineShare share;
  std::vector<std::thread> threads;
  std::vector<std::shared_ptr<const LoadedModel>> models(8);
  for (auto& model : models) {
    threads.emplace_back([&] { model = *share.Model(installed_, pool_, [&] { return Load(); }); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(loads_, 1);
  for (const auto& model : models) EXPECT_EQ(model, models.front());
  const auto others = std::make_shared<ThreadPool>(1);
  const auto moved = *share.Model(installed_, others, [&] { return Load(); });
  EXPECT_EQ(loads_, 1) << "other threads, the same weights";
  EXPECT_NE(moved, models.front());
  EXPECT_EQ(moved->embedder->EmbedQuery("a")->vector,
            models.front()->embedder->EmbedQuery("a")->vector);
}

TEST_F(QueryBatcherTest, ReplacedModelIsLoadedAnew) {
  EngineShare share;
  ASSERT_TRUE(share.Model(installed_, pool_, [&] { return Load(); }));
  InstalledModel other = installed_;
  other.record.max_length = 7;
  const auto loaded = share.Model(other, pool_, [&] { return Load(other); });
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loads_, 2) << "of another fingerprint";
}

// Several engines answer searches at once, and each asks for the judge.
TEST_F(QueryBatcherTest, ShareLoadsAJudgeOnce) {
  testing::WriteTinyModel(dir_.path() / "pairs", {.cross_encoder = true});
  const ModelStore store(dir_.path() / "models", {.pack_folder = dir_.path() / "packed"});
  const auto added =
      store.Add({.source = dir_.path() / "pairs", .name = "judge", .origin = {}}, *pool_);
  ASSERT_TRUE(added) << added.error().message();
  const InstalledModel& installed = added->model;
  const auto load = [&] {
    ++loads_;
    return LoadCrossEncoder(installed.folder, installed.record, **kernels::ChooseKernels(), *pool_,
                            dir_.path() / "packed");
  };
  EngineShare share;
  std::vector<std::thread> threads;
  std::vector<std::shared_ptr<const LoadedReranker>> judges(8);
  for (auto& judge : judges) {
    threads.emplace_back([&] { judge = *share.Judge(installed, pool_, load); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(loads_, 1);
  for (const auto& judge : judges) EXPECT_EQ(judge, judges.front());
  const std::string_view document = "int main()";
  EXPECT_TRUE(judges.front()->reranker->Judge("main", {&document, 1}));
  EXPECT_NE(*share.Judge(installed, std::make_shared<ThreadPool>(1), load), judges.front())
      << "a judge works on the threads that it was loaded for";
  EXPECT_EQ(loads_, 2);
}

// A language model is gigabytes: the engines of a server have one.
TEST_F(QueryBatcherTest, ShareLoadsAJudgeOfListsOnce) {
  testing::WriteTinyDecoder(dir_.path() / "lists");
  const ModelStore store(dir_.path() / "models", {.pack_folder = dir_.path() / "packed"});
  const auto added =
      store.Add({.source = dir_.path() / "lists", .name = "lists", .origin = {}}, *pool_);
  ASSERT_TRUE(added) << added.error().message();
  const InstalledModel& installed = added->model;
  const auto load = [&]() -> Result<std::unique_ptr<ListwiseReranker>> {
    ++loads_;
    CODERANK_ASSIGN(LoadedDecoder decoder,
                    LoadGenerator(installed.folder, installed.record, **kernels::ChooseKernels(),
                                  *pool_, dir_.path() / "packed"));
    return ListwiseReranker::Make(std::move(decoder), installed.record.max_length, *pool_);
  };
  EngineShare share;
  std::vector<std::thread> threads;
  std::vector<std::shared_ptr<LoadedListwise>> rankers(8);
  for (auto& ranker : rankers) {
    threads.emplace_back([&] { ranker = *share.Ranker(installed, pool_, load); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(loads_, 1);
  for (const auto& ranker : rankers) EXPECT_EQ(ranker, rankers.front());
  EXPECT_NE(*share.Ranker(installed, std::make_shared<ThreadPool>(1), load), rankers.front())
      << "a judge works on the threads that it was loaded for";
  EXPECT_EQ(loads_, 2);
}

}  // namespace
}  // namespace coderank
