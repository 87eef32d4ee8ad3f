#include "search/vector_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <random>

#include "support/temp_dir.h"

namespace coderank {
namespace {

using ::testing::ElementsAre;

constexpr size_t kDimension = 8;

// Small whole numbers: exact in f16 and in every order of addition, so that ties are real ties.
struct Corpus {
  testing::TempDir dir;
  std::optional<IndexStore> store;
  std::vector<std::pair<StoredChunk, std::vector<float>>> chunks;

  Corpus() {
    auto lock = IndexLock::Acquire(dir.path(), [] { return false; });
    store.emplace(*IndexStore::OpenForWriting(dir.path(), *std::move(lock), "id"));
  }

  void Add(const std::string& path, const std::string& language,
           const std::vector<std::string>& texts) {
    std::vector<NewChunk> rows;
    for (uint32_t i = 0; i < texts.size(); ++i) {
      rows.push_back({.start_line = i + 1, .end_line = i + 1, .text = texts[i]});
    }
    auto transaction = *store->Begin();
    ASSERT_TRUE(store->ReplaceFile({.path = path, .stamp = {}, .language = language}, rows).ok());
    ASSERT_TRUE(transaction.Commit().ok());
  }

  void EmbedAll(unsigned seed) {
    std::mt19937 random(seed);
    const auto pending = *store->Pending(0, 100000);
    for (const PendingText& text : pending) {
      std::vector<float> vector(kDimension);
      for (float& value : vector) value = static_cast<float>(static_cast<int>(random() % 5)) - 2;
      std::vector<uint16_t> row(kDimension);
      Kernels().f32_to_f16(vector.data(), kDimension, row.data());
      ASSERT_TRUE(store->StoreVector(text.id, row, 1, false).ok());
      const auto stored = *store->ChunksOfText(text.id);
      for (const StoredChunk& chunk : stored) chunks.emplace_back(chunk, vector);
    }
  }

  static const kernels::KernelSet& Kernels() { return **kernels::ChooseKernels(); }
};

std::vector<std::string> Names(const std::vector<ScoredChunk>& results) {
  std::vector<std::string> names;
  for (const ScoredChunk& result : results) {
    names.push_back(result.chunk.path + ":" + std::to_string(result.chunk.start_line));
  }
  return names;
}

std::vector<std::string> BruteForce(const Corpus& corpus, const std::vector<float>& query,
                                    const ResultFilter& filter, size_t count) {
  std::vector<ScoredChunk> all;
  for (const auto& [chunk, vector] : corpus.chunks) {
    if (!filter.Passes(chunk)) continue;
    float score = 0;
    for (size_t i = 0; i < kDimension; ++i) score += query[i] * vector[i];
    all.push_back({chunk, score});
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    if (a.score != b.score) return a.score > b.score;
    if (a.chunk.path != b.chunk.path) return a.chunk.path < b.chunk.path;
    return a.chunk.start_line < b.chunk.start_line;
  });
  all.resize(std::min(all.size(), count));
  return Names(all);
}

TEST(SearchVectorsTest, EqualsBruteForceWithTiesFiltersAndCopies) {
  Corpus corpus;
  std::mt19937 random(7);
  for (int file = 0; file < 60; ++file) {
    std::vector<std::string> texts;
    for (int i = 0; i < 5; ++i) texts.push_back("text " + std::to_string(random() % 150));
    corpus.Add((file % 3 == 0 ? "src/f" : "tests/f") + std::to_string(file),
               file % 2 == 0 ? "cpp" : "go", texts);
  }
  corpus.EmbedAll(1);
  const std::vector<FilterOptions> filters = {
      {},
      {.subpath = "src", .paths = {}, .excludes = {}, .languages = {}},
      {.subpath = "", .paths = {"src/*", "f1*"}, .excludes = {"f12"}, .languages = {}},
      {.subpath = "tests", .paths = {}, .excludes = {}, .languages = {"go"}},
      {.subpath = "nothing", .paths = {}, .excludes = {}, .languages = {}},
  };
  for (int round = 0; round < 20; ++round) {
    std::vector<float> query(kDimension);
    for (float& value : query) value = static_cast<float>(static_cast<int>(random() % 5)) - 2;
    for (const FilterOptions& options : filters) {
      const ResultFilter filter(options);
      for (const size_t count : std::initializer_list<size_t>{0, 1, 3, 10, 1000}) {
        const auto found = SearchVectors(*corpus.store, Corpus::Kernels(), query, filter, count);
        ASSERT_TRUE(found) << found.error().message();
        EXPECT_EQ(Names(*found), BruteForce(corpus, query, filter, count));
      }
    }
  }
}

TEST(SearchVectorsTest, NegativeScoresAreRankedToo) {
  Corpus corpus;
  std::vector<std::string> texts;
  for (int i = 0; i < 300; ++i) texts.push_back(std::to_string(i));
  corpus.Add("a", "", texts);
  const auto pending = *corpus.store->Pending(0, 1000);
  for (const PendingText& text : pending) {
    const float value = -1.0F - static_cast<float>(std::stoi(text.text));
    std::vector<uint16_t> row(1);
    Corpus::Kernels().f32_to_f16(&value, 1, row.data());
    ASSERT_TRUE(corpus.store->StoreVector(text.id, row, 1, false).ok());
  }
  const float query = 1;
  const auto found = *SearchVectors(*corpus.store, Corpus::Kernels(), {&query, 1},
                                    ResultFilter(FilterOptions{}), 2);
  EXPECT_THAT(Names(found), ElementsAre("a:1", "a:2"));
}

TEST(SearchVectorsTest, DamagedRowsWithInfinitiesAreLeftOut) {
  Corpus corpus;
  corpus.Add("a", "", {"x", "y"});
  ASSERT_TRUE(corpus.store->StoreVector(1, std::vector<uint16_t>{0x7C00}, 1, false).ok());
  ASSERT_TRUE(corpus.store->StoreVector(2, std::vector<uint16_t>{0x3C00}, 1, false).ok());
  const float query = 1;
  const auto found = *SearchVectors(*corpus.store, Corpus::Kernels(), {&query, 1},
                                    ResultFilter(FilterOptions{}), 5);
  EXPECT_THAT(Names(found), ElementsAre("a:2"));
}

TEST(ResultFilterTest, FoldersStopAtSlashes) {
  EXPECT_TRUE(IsBelow("src", "src/a"));
  EXPECT_TRUE(IsBelow("src", "src"));
  EXPECT_FALSE(IsBelow("src", "srcs/a"));
  EXPECT_TRUE(IsBelow("", "anything"));
}

}  // namespace
}  // namespace coderank
