#include "store/index_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <thread>

#include "store/text_codec.h"
#include "support/temp_dir.h"

namespace coderank {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

IndexStore OpenWriter(const std::filesystem::path& folder) {
  auto lock = IndexLock::Acquire(folder, [] { return false; });
  EXPECT_TRUE(lock) << lock.error().message();
  auto store = IndexStore::OpenForWriting(folder, *std::move(lock), "an id");
  EXPECT_TRUE(store) << store.error().message();
  return *std::move(store);
}

void AddFile(IndexStore& store, const std::string& path, const std::vector<std::string>& texts) {
  std::vector<NewChunk> chunks;
  uint32_t line = 1;
  for (const std::string& text : texts) {
    chunks.push_back({.start_line = line, .end_line = line, .text = text});
    ++line;
  }
  auto transaction = *store.Begin();
  ASSERT_TRUE(
      store
          .ReplaceFile(
              {.path = path, .stamp = {.size = 7, .mtime_ns = 8, .inode = 9}, .language = "cpp"},
              chunks)
          .ok());
  ASSERT_TRUE(store.RemoveUnreferencedTexts().ok());
  ASSERT_TRUE(transaction.Commit().ok());
}

TEST(IndexStoreTest, PendingTextsGetVectorsOnce) {
  const testing::TempDir dir;
  IndexStore store = OpenWriter(dir.path());
  AddFile(store, "a.cc", {"one", "two", "one"});
  auto pending = *store.Pending(0, 10);
  ASSERT_EQ(pending.size(), 2U) << "equal texts are stored once";
  EXPECT_EQ(pending[0].text, "one");
  const std::vector<uint16_t> row = {0x3C00, 0};
  ASSERT_TRUE(store.StoreVector(pending[0].id, row, 3, true).ok());
  EXPECT_EQ(store.Pending(0, 10)->size(), 1U);
  const StoreCounts counts = *store.Count();
  EXPECT_EQ(counts.chunks, 3U);
  EXPECT_EQ(counts.embedded_chunks, 2U);
  EXPECT_EQ(counts.truncated_chunks, 2U);
  EXPECT_EQ(counts.pending_texts, 1U);
}

TEST(IndexStoreTest, UnchangedTextKeepsItsVectorWhenItsFileChangesOrMoves) {
  const testing::TempDir dir;
  IndexStore store = OpenWriter(dir.path());
  AddFile(store, "a.cc", {"one", "two"});
  const auto pending = *store.Pending(0, 10);
  for (const auto& text : pending) {
    ASSERT_TRUE(store.StoreVector(text.id, std::vector<uint16_t>{1, 2}, 3, false).ok());
  }
  AddFile(store, "a.cc", {"new", "two"});
  EXPECT_EQ(store.Pending(0, 10)->size(), 1U);
  AddFile(store, "moved/b.cc", {"two"});
  ASSERT_TRUE(store.RemoveFile(store.Files()->at("a.cc").id).ok());
  ASSERT_TRUE(store.RemoveUnreferencedTexts().ok());
  EXPECT_EQ(store.Count()->pending_texts, 0U);
  EXPECT_EQ(store.Count()->embedded_chunks, 1U);
  std::vector<int64_t> ids;
  ASSERT_TRUE(store.ScanVectors(2, [&](int64_t id, const uint16_t*) { ids.push_back(id); }).ok());
  EXPECT_EQ(ids.size(), 1U) << "vectors of texts that are gone are gone";
  const auto chunks = *store.ChunksOfText(ids[0]);
  ASSERT_EQ(chunks.size(), 1U);
  EXPECT_EQ(chunks[0].path, "moved/b.cc");
  EXPECT_EQ(*store.TextOf(ids[0]), "two");
}

TEST(IndexStoreTest, GenerationsGrowWithWhatChanged) {
  const testing::TempDir dir;
  IndexStore store = OpenWriter(dir.path());
  EXPECT_EQ(*store.Generation(), StoreGeneration());
  AddFile(store, "a.cc", {"one", "two"});
  const StoreGeneration added = *store.Generation();
  EXPECT_EQ(added, (StoreGeneration{.chunks = 1, .vectors = 0})) << "a transaction counts once";
  const auto pending = *store.Pending(0, 10);
  for (const auto& text : pending) {
    ASSERT_TRUE(store.StoreVector(text.id, std::vector<uint16_t>{1, 2}, 3, false).ok());
  }
  EXPECT_EQ(*store.Generation(), (StoreGeneration{.chunks = 1, .vectors = 2})) << "two commits";
  {
    const auto rolled_back = *store.Begin();
    ASSERT_TRUE(store.RemoveFile(store.Files()->at("a.cc").id).ok());
  }
  EXPECT_EQ(store.Generation()->chunks, 1U);
  ASSERT_TRUE(store.RemoveFile(store.Files()->at("a.cc").id).ok());
  EXPECT_EQ(store.Generation()->chunks, 2U) << "after a rollback the next change counts";
  ASSERT_TRUE(store.RemoveUnreferencedTexts().ok());
  EXPECT_EQ(store.Generation()->vectors, 3U) << "vectors went with their texts";
  ASSERT_TRUE(store.RemoveUnreferencedTexts().ok());
  EXPECT_EQ(store.Generation()->vectors, 3U);
}

TEST(IndexStoreTest, CountsFollowChanges) {
  const testing::TempDir dir;
  IndexStore store = OpenWriter(dir.path());
  AddFile(store, "a.cc", {"one", "two", "one"});
  AddFile(store, "b.cc", {"one", "three"});
  const auto pending = *store.Pending(0, 10);
  ASSERT_EQ(pending.size(), 3U);
  EXPECT_EQ(store.PendingPlaces()->size(), 5U) << "a place for each chunk";
  ASSERT_TRUE(store.StoreVector(pending[0].id, std::vector<uint16_t>{1}, 3, true).ok());
  StoreCounts counts = *store.Count();
  EXPECT_EQ(counts.chunks, 5U);
  EXPECT_EQ(counts.embedded_chunks, 3U);
  EXPECT_EQ(counts.truncated_chunks, 3U);
  EXPECT_EQ(counts.pending_texts, 2U);
  AddFile(store, "a.cc", {"three"});
  counts = *store.Count();
  EXPECT_EQ(counts.chunks, 3U);
  EXPECT_EQ(counts.embedded_chunks, 1U);
  EXPECT_EQ(counts.pending_texts, 1U) << "\"two\" is gone, and nobody waits for it";
  EXPECT_TRUE(*store.HasPending());
}

TEST(IndexStoreTest, SecondWriterWaitsAndReaderSeesCommits) {
  const testing::TempDir dir;
  {
    IndexStore writer = OpenWriter(dir.path());
    int waits = 0;
    const auto second = IndexLock::Acquire(dir.path(), [&waits] { return ++waits < 2; });
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code(), StatusCode::kCancelled);
    EXPECT_EQ(waits, 2);
    AddFile(writer, "a.cc", {"one"});
    const auto reader = IndexStore::OpenForReading(dir.path());
    ASSERT_TRUE(reader) << reader.error().message();
    EXPECT_EQ(reader->Count()->files, 1U);
  }
  EXPECT_EQ(*OpenWriter(dir.path()).Meta(kMetaIndexId), "an id");
}

TEST(IndexStoreTest, MissingForeignAndNewerDatabasesAreToldApart) {
  const testing::TempDir dir;
  EXPECT_EQ(IndexStore::OpenForReading(dir.path()).error().code(), StatusCode::kNotFound);
  {
    const auto other =
        *Database::Open(dir.path() / IndexStore::kDatabaseName, DatabaseMode::kReadWrite);
    ASSERT_TRUE(other->Execute("CREATE TABLE t(a)").ok());
  }
  const auto foreign = IndexStore::OpenForReading(dir.path());
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().code(), StatusCode::kCorrupt);
  EXPECT_THAT(foreign.error().message(), HasSubstr("not a coderank index"));

  const testing::TempDir newer;
  { OpenWriter(newer.path()); }
  {
    const auto database =
        *Database::Open(newer.path() / IndexStore::kDatabaseName, DatabaseMode::kReadWrite);
    ASSERT_TRUE(database->Execute("PRAGMA user_version=99").ok());
  }
  const auto refused = IndexStore::OpenForReading(newer.path());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(refused.error().message(), HasSubstr("index format 99"));
}

TEST(IndexStoreTest, VectorOfWrongSizeIsCorrupt) {
  const testing::TempDir dir;
  IndexStore store = OpenWriter(dir.path());
  AddFile(store, "a.cc", {"one"});
  ASSERT_TRUE(store.StoreVector(1, std::vector<uint16_t>{1, 2, 3}, 3, false).ok());
  const Status scanned = store.ScanVectors(2, [](int64_t, const uint16_t*) {});
  EXPECT_EQ(scanned.code(), StatusCode::kCorrupt);
  EXPECT_THAT(scanned.message(), HasSubstr("has 6 bytes, expected 4"));
}

TEST(IndexStoreTest, VectorsComeInTheOrderAskedFor) {
  const testing::TempDir dir;
  IndexStore store = OpenWriter(dir.path());
  AddFile(store, "a.cc", {"one", "two", "three"});
  const auto pending = *store.Pending(0, 10);
  ASSERT_EQ(pending.size(), 3U);
  const int64_t first = pending[0].id;
  const int64_t last = pending[2].id;
  ASSERT_TRUE(store.StoreVector(first, std::vector<uint16_t>{1, 2}, 1, false).ok());
  ASSERT_TRUE(store.StoreVector(last, std::vector<uint16_t>{3, 4}, 1, false).ok());
  std::vector<std::pair<int64_t, std::vector<uint16_t>>> found;
  const auto collect = [&](int64_t id, std::span<const uint16_t> row) {
    found.emplace_back(id, std::vector<uint16_t>(row.begin(), row.end()));
  };
  const std::vector<int64_t> ids{last, pending[1].id, first, 999, last};
  ASSERT_TRUE(store.VectorsOf(ids, 2, collect).ok());
  using Row = std::pair<int64_t, std::vector<uint16_t>>;
  EXPECT_EQ(found, (std::vector<Row>{{last, {3, 4}}, {first, {1, 2}}, {last, {3, 4}}}));
  EXPECT_EQ(store.VectorsOf(ids, 3, collect).code(), StatusCode::kCorrupt);
}

TEST(IndexLockTest, LockOnARemovedFileIsNotTaken) {
  const testing::TempDir dir;
  const auto path = dir.path() / IndexLock::kFileName;
  std::optional<IndexLock> clearing(*IndexLock::Acquire(dir.path(), [] { return false; }));
  const auto waited = IndexLock::Acquire(dir.path(), [&] {
    std::filesystem::remove(path);  // as `clear` does
    clearing.reset();
    return true;
  });
  ASSERT_TRUE(waited) << waited.error().message();
  const auto another = IndexLock::Acquire(dir.path(), [] { return false; });
  EXPECT_FALSE(another) << "two writers at once";
}

TEST(IndexStoreTest, LogOfAKilledRunIsReadWhereNothingCanBeWritten) {
  const testing::TempDir dir;
  IndexStore store = OpenWriter(dir.path());
  AddFile(store, "a.cc", {"one"});
  const auto frozen = dir.path() / "frozen";
  std::filesystem::create_directories(frozen);
  if (::mount("tmpfs", frozen.c_str(), "tmpfs", 0, "size=8m") != 0) {
    GTEST_SKIP() << "needs the right to mount a tmpfs";
  }
  for (const char* name : {"index.db", "index.db-wal", "index.db-shm"}) {
    std::filesystem::copy_file(dir.path() / name, frozen / name);
  }
  ASSERT_EQ(::mount("tmpfs", frozen.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr), 0);
  {
    const auto reader = IndexStore::OpenForReading(frozen);
    EXPECT_TRUE(reader) << reader.error().message();
    if (reader) {
      EXPECT_EQ(reader->Count()->files, 1U);
    }
  }
  ::umount2(frozen.c_str(), MNT_DETACH);
}

TEST(IndexStoreTest, OnlyBegunDatabaseIsNotFoundRatherThanCorrupt) {
  const testing::TempDir dir;
  EXPECT_EQ(IndexStore::OpenForReading(dir.path()).error().code(), StatusCode::kNotFound);
  dir.Write("index.db", "");
  EXPECT_EQ(IndexStore::OpenForReading(dir.path()).error().code(), StatusCode::kNotFound);
}

TEST(IndexStoreTest, MetaAndSkippedRoundTrip) {
  const testing::TempDir dir;
  IndexStore store = OpenWriter(dir.path());
  EXPECT_EQ(*store.Meta(kMetaModel), "");
  ASSERT_TRUE(store.SetMeta(kMetaModel, "m").ok());
  ASSERT_TRUE(store.SetMeta(kMetaModel, "n").ok());
  EXPECT_EQ(*store.Meta(kMetaModel), "n");
  const std::vector<SkippedRecord> skipped = {{"b", "binary", "", 4, 5, 6},
                                              {"a", "ignored", ".gitignore:1"}};
  ASSERT_TRUE(store.ReplaceSkipped(skipped).ok());
  ASSERT_TRUE(store.ReplaceSkipped(skipped).ok());
  ASSERT_EQ(store.Skipped()->size(), 2U);
  EXPECT_EQ(store.Skipped()->front(), skipped[1]);
  EXPECT_EQ(store.Skipped()->back().mtime_ns, 5);
}

TEST(TextCodecTest, DamageAndWrongSizesAreErrors) {
  const std::string text(5000, 'x');
  auto frame = *CompressText(text);
  EXPECT_EQ(*DecompressText(frame, text.size()), text);
  EXPECT_EQ(DecompressText(frame, text.size() - 1).error().code(), StatusCode::kCorrupt);
  EXPECT_EQ(DecompressText(frame, text.size() + 1).error().code(), StatusCode::kCorrupt);
  frame.resize(frame.size() / 2);
  EXPECT_EQ(DecompressText(frame, text.size()).error().code(), StatusCode::kCorrupt);
}

}  // namespace
}  // namespace coderank
