// What a run that is cut short leaves for the next one.
#include "engine/indexer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>

#include "base/strings.h"
#include "source/line_window_chunker.h"
#include "support/temp_dir.h"

namespace coderank {
namespace {

class ConstantEmbedder : public Embedder {
 public:
  size_t dimension() const override { return 1; }
  const std::string& fingerprint() const override { return fingerprint_; }
  Result<std::vector<Embedding>> Embed(TextRole, std::span<const std::string_view> texts,
                                       EmbedOptions, const CancellationToken*) const override {
    return std::vector<Embedding>(texts.size(),
                                  Embedding{.vector = {1}, .token_ids = {1}, .tokens = 1});
  }
  std::unique_ptr<Embedder> OnPool(ThreadPool&) const override { return nullptr; }

 private:
  std::string fingerprint_ = "constant";
};

// Cancels the run when it cuts its `count`th file, however fast the machine is.
class CancellingChunker : public Chunker {
 public:
  CancellingChunker(const ChunkLimits& limits, int count, CancellationToken& cancel)
      : chunker_(limits), left_(count), cancel_(cancel) {}
  std::vector<Chunk> Cut(std::string_view content, std::string_view language) const override {
    if (--left_ == 0) cancel_.Cancel();
    return chunker_.Cut(content, language);
  }

  std::string Version() const override { return chunker_.Version(); }

 private:
  LineWindowChunker chunker_;
  mutable int left_;
  CancellationToken& cancel_;
};

class IndexerTest : public ::testing::Test {
 protected:
  IndexerTest() {
    auto lock = IndexLock::Acquire(folder_.path(), [] { return false; });
    store_.emplace(*IndexStore::OpenForWriting(folder_.path(), *std::move(lock), "id"));
  }

  Status Run(const ChunkLimits& limits) { return Run(LineWindowChunker(limits), nullptr); }
  Status Run(const Chunker& chunker, const CancellationToken* cancel) {
    const auto report = RunFully(chunker, cancel);
    return report ? OkStatus() : report.error();
  }
  Result<IndexReport> RunFully(const ChunkLimits& limits) {
    return RunFully(LineWindowChunker(limits), nullptr);
  }
  Result<IndexReport> RunFully(const Chunker& chunker, const CancellationToken* cancel) {
    IndexerOptions options{.root = tree_.path(), .walk = {}};
    options.embedder = [this]() -> Result<std::optional<NamedEmbedder>> {
      ++models_asked_for_;
      return std::optional(NamedEmbedder{.embedder = &embedder_, .name = "constant"});
    };
    options.embedding.kernels = *kernels::ChooseKernels();
    options.embedding.budget = budget_;
    options.observer = observer_;
    Indexer indexer(*store_, chunker, std::move(options));
    return indexer.Run({}, cancel);
  }
  // Old enough that its stamp is trusted.
  void WriteOld(const std::string& name, std::string_view content) const {
    tree_.Write(name, content);
    std::filesystem::last_write_time(tree_.path() / name, Past());
  }
  std::filesystem::file_time_type Past() const { return start_ - std::chrono::hours(1); }
  std::map<std::string, int> ChunksOfFiles() const {
    std::map<std::string, int> chunks;
    EXPECT_TRUE(store_->ScanChunks([&](const StoredChunk& chunk) { ++chunks[chunk.path]; }).ok());
    return chunks;
  }

  testing::TempDir folder_;
  testing::TempDir tree_;
  ConstantEmbedder embedder_;
  int models_asked_for_ = 0;
  std::chrono::duration<double> budget_{0};
  IndexObserver* observer_ = nullptr;
  const std::filesystem::file_time_type start_ = std::filesystem::file_time_type::clock::now();
  std::optional<IndexStore> store_;
};

TEST_F(IndexerTest, RunThatFindsNothingChangedAsksForNoModelAndDerivesNothing) {
  WriteOld("a.cc", "int a;\n");
  ASSERT_TRUE(Run({}).ok());
  EXPECT_EQ(models_asked_for_, 1);
  const StoreGeneration before = *store_->Generation();
  ASSERT_TRUE(Run({}).ok());
  EXPECT_EQ(models_asked_for_, 1);
  EXPECT_EQ(*store_->Generation(), before);
  WriteOld("b.cc", "int b;\n");
  ASSERT_TRUE(Run({}).ok());
  EXPECT_EQ(models_asked_for_, 2);
  EXPECT_GT(store_->Generation()->chunks, before.chunks);
  EXPECT_GT(store_->Generation()->vectors, before.vectors);
}

TEST_F(IndexerTest, SpentBudgetEndsTheRunAndTheNextGoesOn) {
  for (int i = 0; i < 10; ++i) {
    WriteOld(std::to_string(i) + ".cc", "int value" + std::to_string(i) + ";\n");
  }
  budget_ = std::chrono::nanoseconds(1);
  const auto first = RunFully({});
  ASSERT_TRUE(first) << first.error().message();
  EXPECT_TRUE(first->coverage.complete);
  EXPECT_EQ(first->coverage.chunks, 10U);
  EXPECT_GT(first->chunks_embedded, 0U) << "some progress, however small the budget";
  EXPECT_LT(first->chunks_embedded, 10U);
  EXPECT_GT(first->seconds_left, 0.0);
  budget_ = {};
  const auto second = RunFully({});
  ASSERT_TRUE(second);
  EXPECT_EQ(first->chunks_embedded + second->chunks_embedded, 10U);
  EXPECT_EQ(second->coverage.embedded_chunks, 10U);
}

TEST_F(IndexerTest, BinaryFileIsReadOnceUntilItsStampChanges) {
  WriteOld("data", std::string_view("a\0b", 3));
  ASSERT_TRUE(Run({}).ok());
  WriteOld("data", "abc");  // the same size, time and inode
  EXPECT_EQ(RunFully({})->files_added, 0U);
  std::filesystem::last_write_time(tree_.path() / "data", Past() + std::chrono::minutes(1));
  EXPECT_EQ(RunFully({})->files_added, 1U);
  EXPECT_EQ(store_->Count()->skipped, 0U);
}

TEST_F(IndexerTest, ObserverHearsOfFilesBeforeTheirVectors) {
  struct Observer : IndexObserver {
    Status OnScanned(IndexStore& store) override {
      heard += StrCat("scanned ", store.Count()->chunks, "/", store.Count()->embedded_chunks, " ");
      return OkStatus();
    }
    Status OnEmbedded(IndexStore& store) override {
      heard += StrCat("embedded ", store.Count()->embedded_chunks, " ");
      return OkStatus();
    }
    std::string heard;
  };
  Observer observer;
  observer_ = &observer;
  WriteOld("a.cc", "int a;\n");
  ASSERT_TRUE(Run({}).ok());
  EXPECT_EQ(observer.heard, "scanned 1/0 embedded 1 ");
}

TEST_F(IndexerTest, RunThatStopsWhileCuttingAnewLeavesNoMixture) {
  const ChunkLimits large;
  const ChunkLimits small{.target_characters = 100, .maximum_characters = 200};
  std::string text;
  for (int line = 0; line < 40; ++line) text += "int value = Read();\n";
  for (int file = 0; file < 600; ++file) WriteOld("f" + std::to_string(file) + ".cc", text);
  ASSERT_TRUE(Run(large).ok());
  const auto expected = ChunksOfFiles();

  // In the second batch of files: the first is committed, the last files are never reached.
  CancellationToken cancel;
  const Status stopped = Run(CancellingChunker(small, 300, cancel), &cancel);
  ASSERT_EQ(stopped.code(), StatusCode::kCancelled);
  ASSERT_NE(ChunksOfFiles(), expected) << "some files are cut anew, or nothing is tested";

  ASSERT_TRUE(Run(large).ok());
  EXPECT_EQ(ChunksOfFiles(), expected);
}

}  // namespace
}  // namespace coderank
