// What a run that is cut short leaves for the next one.
#include "engine/indexer.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "source/line_window_chunker.h"
#include "support/temp_dir.h"

namespace coderank {
namespace {

class ConstantEmbedder : public Embedder {
 public:
  size_t dimension() const override { return 1; }
  const std::string& fingerprint() const override { return fingerprint_; }
  Result<Embedding> EmbedQuery(std::string_view, const CancellationToken*) const override {
    return Embedding{.vector = {1}, .token_ids = {1}};
  }
  Result<std::vector<Embedding>> EmbedDocuments(std::span<const std::string_view> texts,
                                                const CancellationToken*) const override {
    return std::vector<Embedding>(texts.size(), Embedding{.vector = {1}, .token_ids = {1}});
  }

 private:
  std::string fingerprint_ = "constant";
};

// Cancels the run when it cuts its `count`th file, however fast the machine is.
class CancellingChunker : public Chunker {
 public:
  CancellingChunker(const ChunkLimits& limits, int count, CancellationToken& cancel)
      : chunker_(limits), left_(count), cancel_(cancel) {}
  std::string Version() const override { return chunker_.Version(); }
  std::vector<Chunk> Cut(std::string_view content, std::string_view language) const override {
    if (--left_ == 0) cancel_.Cancel();
    return chunker_.Cut(content, language);
  }

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
    Indexer indexer(*store_, embedder_, **kernels::ChooseKernels(), chunker,
                    {.root = tree_.path(), .walk = {}});
    const auto report = indexer.Run({}, cancel);
    return report ? OkStatus() : report.error();
  }
  std::map<std::string, int> ChunksOfFiles() const {
    std::map<std::string, int> chunks;
    EXPECT_TRUE(store_->ScanChunks([&](const StoredChunk& chunk) { ++chunks[chunk.path]; }).ok());
    return chunks;
  }

  testing::TempDir folder_;
  testing::TempDir tree_;
  ConstantEmbedder embedder_;
  std::optional<IndexStore> store_;
};

TEST_F(IndexerTest, RunThatStopsWhileCuttingAnewLeavesNoMixture) {
  const ChunkLimits large;
  const ChunkLimits small{.target_characters = 100, .maximum_characters = 200};
  std::string text;
  for (int line = 0; line < 40; ++line) text += "int value = Read();\n";
  // Old enough that their stamps are trusted.
  const auto past = std::filesystem::file_time_type::clock::now() - std::chrono::hours(1);
  for (int file = 0; file < 600; ++file) {
    const std::string name = "f" + std::to_string(file) + ".cc";
    tree_.Write(name, text);
    std::filesystem::last_write_time(tree_.path() / name, past);
  }
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
