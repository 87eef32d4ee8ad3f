#include "store/embedding_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/vector_row.h"
#include "support/temp_dir.h"

namespace coderank {
namespace {

constexpr uint16_t kOne = 0x3C00;       // 1.0
constexpr uint16_t kInfinity = 0x7C00;  // IEEE binary16
constexpr uint64_t kPlenty = uint64_t{1} << 30;

CachedEmbedding Cached(const std::string& text, size_t dimension = 2) {
  CachedEmbedding embedding{.sha256 = Sha256Of(text), .row = {}, .tokens = 3, .truncated = true};
  embedding.row.assign(dimension, 0);
  embedding.row[0] = kOne;
  return embedding;
}

TEST(EmbeddingCacheTest, GivesBackWhatWasAddedUnderTheSameFingerprint) {
  const testing::TempDir dir;
  EmbeddingCache cache(dir.path() / "cache", kPlenty);
  const std::vector<Sha256Digest> hashes = {Sha256Of("one"), Sha256Of("two")};
  EXPECT_FALSE((*cache.Find("m", 2, hashes))[0]) << "nothing is there yet, which is no error";
  EXPECT_FALSE(std::filesystem::exists(dir.path() / "cache"));
  ASSERT_TRUE(cache.Add("m", std::vector{Cached("one")}).ok());
  ASSERT_TRUE(cache.Add("m", std::vector{Cached("one")}).ok()) << "twice is once";
  const auto found = *cache.Find("m", 2, hashes);
  ASSERT_TRUE(found[0]);
  EXPECT_EQ(found[0]->row, Cached("one").row);
  EXPECT_EQ(found[0]->tokens, 3U);
  EXPECT_TRUE(found[0]->truncated);
  EXPECT_FALSE(found[1]);
  EXPECT_FALSE((*cache.Find("other", 2, hashes))[0]);
  EXPECT_FALSE((*cache.Find("m", 3, hashes))[0]) << "another dimension";
  EXPECT_EQ(cache.Describe()->rows, 1U);
}

TEST(EmbeddingCacheTest, RowsThatAreNoUnitVectorsAreUnknown) {
  EXPECT_TRUE(IsUnitRow(std::vector<uint16_t>{0, kOne}));
  EXPECT_FALSE(IsUnitRow(std::vector<uint16_t>{0, 0}));
  EXPECT_FALSE(IsUnitRow(std::vector<uint16_t>{kOne, kOne}));
  EXPECT_FALSE(IsUnitRow(std::vector<uint16_t>{kInfinity, kOne}));
  EXPECT_FALSE(IsUnitRow({}));
  const testing::TempDir dir;
  EmbeddingCache cache(dir.path(), kPlenty);
  CachedEmbedding damaged = Cached("one");
  damaged.row = {kOne, kInfinity};
  ASSERT_TRUE(cache.Add("m", std::vector{damaged}).ok());
  EXPECT_FALSE((*cache.Find("m", 2, std::vector{Sha256Of("one")}))[0]);
}

TEST(EmbeddingCacheTest, LeastRecentlyUsedGoFirstBeyondTheSize) {
  const testing::TempDir dir;
  constexpr size_t kDimension = 1000;
  constexpr int kRows = 200;  // 2 kB each
  {
    EmbeddingCache cache(dir.path(), kPlenty);
    std::vector<CachedEmbedding> rows;
    for (int i = 0; i < kRows; ++i) rows.push_back(Cached(std::to_string(i), kDimension));
    ASSERT_TRUE(cache.Add("m", rows).ok());
  }
  {
    // As if all had been used on an earlier day, and the first ten again today.
    const auto database =
        *Database::Open(dir.path() / EmbeddingCache::kDatabaseName, DatabaseMode::kReadWrite);
    ASSERT_TRUE(database->Execute("UPDATE rows SET used = used - 5").ok());
  }
  constexpr uint64_t kHalf = uint64_t{kRows} * kDimension;  // bytes: half of the rows
  EmbeddingCache cache(dir.path(), kHalf);
  std::vector<Sha256Digest> used;
  for (int i = 0; i < 10; ++i) used.push_back(Sha256Of(std::to_string(i)));
  ASSERT_TRUE(cache.Find("m", kDimension, used));
  ASSERT_TRUE(cache.Add("m", std::vector{Cached("new", kDimension)}).ok());
  used.push_back(Sha256Of("new"));
  used.push_back(Sha256Of("10"));
  const auto found = *cache.Find("m", kDimension, used);
  for (size_t i = 0; i < 11; ++i) EXPECT_TRUE(found[i]) << i;
  EXPECT_FALSE(found[11]) << "not used for longest";
  const CacheStatus trimmed = *cache.Trim();
  EXPECT_LT(trimmed.bytes, kHalf);
  EXPECT_GT(trimmed.rows, 30U) << "not more than needed";
}

TEST(EmbeddingCacheTest, ClearRemovesADamagedDatabase) {
  const testing::TempDir dir;
  dir.Write(EmbeddingCache::kDatabaseName, std::string(5000, 'x'));
  EmbeddingCache cache(dir.path(), kPlenty);
  const auto found = cache.Find("m", 2, std::vector{Sha256Of("one")});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), StatusCode::kCorrupt);
  EXPECT_THAT(found.error().message(), ::testing::HasSubstr("coderank cache clear"));
  EXPECT_FALSE(cache.Add("m", std::vector{Cached("one")}).ok());
  EXPECT_EQ(*cache.Clear(), 5000U);
  EXPECT_TRUE(cache.Add("m", std::vector{Cached("one")}).ok());
}

}  // namespace
}  // namespace coderank
