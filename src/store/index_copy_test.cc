#include "store/index_copy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/file.h"
#include "base/strings.h"
#include "store/index_store.h"
#include "support/temp_dir.h"

namespace coderank {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr size_t kDimension = 4;

IndexStore OpenWriter(const std::filesystem::path& folder, std::string_view id) {
  auto lock = IndexLock::Acquire(folder, [] { return false; });
  EXPECT_TRUE(lock) << lock.error().message();
  auto store = IndexStore::OpenForWriting(folder, *std::move(lock), id);
  EXPECT_TRUE(store) << store.error().message();
  return *std::move(store);
}

// One chunk a text.
void AddFile(IndexStore& store, const std::string& path, const std::vector<std::string>& texts) {
  std::vector<NewChunk> chunks;
  uint32_t line = 1;
  for (const std::string& text : texts) {
    chunks.push_back({.start_line = line, .end_line = line, .symbol = "s", .text = text});
    ++line;
  }
  ASSERT_TRUE(store
                  .ReplaceFile({.path = path,
                                .stamp = {.size = 7, .mtime_ns = 8, .inode = 9, .sha256 = {5}},
                                .language = "cpp",
                                .traits = 3},
                               chunks)
                  .ok());
}

void Embed(IndexStore& store) {
  const auto pending = *store.Pending(0, 100);
  for (const PendingText& text : pending) {
    const auto number = static_cast<uint16_t>(text.text.size());
    ASSERT_TRUE(
        store.StoreVector(text.id, std::vector<uint16_t>(kDimension, number), 3, true).ok());
  }
}

// What can be searched, without ids: place, text, and the first number of the vector.
std::set<std::string> Content(const IndexStore& store) {
  std::set<std::string> content;
  EXPECT_TRUE(store
                  .ScanDocuments([&](const StoredChunk& chunk, std::string_view text) {
                    std::string vector = "no vector";
                    EXPECT_TRUE(store
                                    .VectorsOf({&chunk.text_id, 1}, kDimension,
                                               [&](int64_t, std::span<const uint16_t> row) {
                                                 vector = std::to_string(row[0]);
                                               })
                                    .ok());
                    content.insert(StrCat(chunk.path, ":", chunk.start_line, " ", chunk.symbol, " ",
                                          chunk.language, " ", chunk.traits, " ", text, " ",
                                          vector));
                    return OkStatus();
                  })
                  .ok());
  return content;
}

class IndexCopyTest : public ::testing::Test {
 protected:
  IndexCopyTest() {
    for (const char* name : {"index", "copy", "other", "scratch"}) {
      std::filesystem::create_directory(dir_.path() / name);
    }
    IndexStore store = OpenWriter(dir_.path() / "index", "an id nobody may have");
    AddFile(store, "a.cc", {"one", "three"});
    AddFile(store, "b.cc", {"three"});
    AddFile(store, "secret.cc", {"DELETED_FROM_THE_INDEX"});
    Embed(store);
    AddFile(store, "b.cc", {"without a vector", "three"});
    EXPECT_TRUE(store.RemoveFile(store.Files()->at("secret.cc").id).ok());
    const std::vector<SkippedRecord> skipped = {{.path = "LEFT_OUT.pem", .reason = "secret"}};
    EXPECT_TRUE(store.ReplaceSkipped(skipped).ok());
    EXPECT_TRUE(store.SetMeta(kMetaModel, "tiny").ok());
    EXPECT_TRUE(store.SetMeta("walk", "SWITCHES").ok());
  }

  std::filesystem::path index() const { return dir_.path() / "index"; }
  std::filesystem::path copy() const { return dir_.path() / "copy"; }
  std::filesystem::path copied() const { return copy() / IndexStore::kDatabaseName; }
  Status Copy() const { return CopyIndex(index(), copied()); }

  testing::TempDir dir_;
};

TEST_F(IndexCopyTest, HoldsWhatIsSearchedAndNothingElse) {
  ASSERT_TRUE(Copy().ok());
  const auto store = IndexStore::OpenCopy(copy());
  ASSERT_TRUE(store) << store.error().message();
  EXPECT_EQ(Content(*store), Content(*IndexStore::OpenForReading(index())));
  EXPECT_EQ(*store->Meta(kMetaModel), "tiny");
  EXPECT_EQ(*store->Meta(kMetaIndexId), kCopyId);
  const FileStamp stamp = store->Files()->at("a.cc");
  EXPECT_EQ(stamp.size, 7U);
  EXPECT_EQ(stamp.sha256[0], 5);
  EXPECT_EQ(stamp.mtime_ns, 0);
  EXPECT_EQ(stamp.inode, 0U);
  EXPECT_EQ(store->Count()->pending_texts, 1U);
  const std::string bytes = *ReadFile(copied(), 1 << 20);
  for (const char* gone : {"an id nobody", "LEFT_OUT", "SWITCHES", "secret.cc"}) {
    EXPECT_THAT(bytes, Not(HasSubstr(gone)));
  }
  EXPECT_FALSE(std::filesystem::exists(copied().native() + "-wal"));
  EXPECT_FALSE(std::filesystem::exists(copied().native() + "-shm"));
}

TEST_F(IndexCopyTest, ADeletedTextIsNotInIt) {
  // Released, and still in the table: the run that released it is not at its end.
  ASSERT_TRUE(Copy().ok());
  const auto store = IndexStore::OpenCopy(copy());
  std::vector<int64_t> ids = *store->VectorIds();
  for (const int64_t id : ids) EXPECT_NE(*store->TextOf(id), "DELETED_FROM_THE_INDEX");
  EXPECT_EQ(ids.size(), 2U);
}

TEST_F(IndexCopyTest, WhatIsNotCommittedIsNotInIt) {
  const auto before = Content(*IndexStore::OpenForReading(index()));
  IndexStore writer = OpenWriter(index(), "an id nobody may have");
  auto transaction = *writer.Begin();
  AddFile(writer, "c.cc", {"later"});
  ASSERT_TRUE(Copy().ok());
  EXPECT_EQ(Content(*IndexStore::OpenCopy(copy())), before);
  ASSERT_TRUE(transaction.Commit().ok());
}

TEST_F(IndexCopyTest, ReplacesAnIndexInOneCommit) {
  ASSERT_TRUE(Copy().ok());
  IndexStore other = OpenWriter(dir_.path() / "other", "its own id");
  AddFile(other, "before.cc", {"one", "before"});
  Embed(other);
  ASSERT_TRUE(other.SetMeta(kMetaFingerprint, "of before").ok());
  const std::vector<int64_t> chunks_before = *other.ChunkIds();
  const StoreGeneration before = *other.Generation();
  ASSERT_TRUE(other.ReplaceWith(copied()).ok());
  EXPECT_EQ(Content(other), Content(*IndexStore::OpenForReading(index())));
  EXPECT_EQ(*other.Meta(kMetaIndexId), "its own id");
  EXPECT_EQ(*other.Meta(kMetaFingerprint), "");
  EXPECT_EQ(other.Count()->pending_texts, 1U);
  EXPECT_GT(other.Generation()->chunks, before.chunks);
  EXPECT_GT(other.Generation()->vectors, before.vectors);
  const std::vector<int64_t> chunks = *other.ChunkIds();
  for (const int64_t id : chunks) EXPECT_GT(id, chunks_before.back()) << "used twice";
  AddFile(other, "a.cc", {"the store can be written after it"});
}

TEST_F(IndexCopyTest, AFolderWithoutADatabaseCannotBeCopied) {
  EXPECT_FALSE(CopyIndex(dir_.path() / "other", copied()).ok());
}

TEST_F(IndexCopyTest, OtherTablesAreRefused) {
  const auto check = [this] { return CheckCopy(copied(), dir_.path() / "scratch"); };
  ASSERT_TRUE(Copy().ok());
  EXPECT_TRUE(check().ok()) << check().message();
  for (const char* change :
       {"CREATE TABLE more(x)", "CREATE VIEW v AS SELECT 1", "DROP INDEX chunks_by_file",
        "CREATE TRIGGER t AFTER INSERT ON files BEGIN DELETE FROM files; END",
        "ALTER TABLE files ADD COLUMN extra TEXT AS (hex(zeroblob(1000000)))"}) {
    std::filesystem::remove(copied());
    ASSERT_TRUE(Copy().ok());
    {
      const auto database = Database::Open(copied(), DatabaseMode::kScratch);
      ASSERT_TRUE((*database)->Execute(change).ok()) << change;
    }
    EXPECT_THAT(check().message(), HasSubstr("expected the tables of an index")) << change;
  }
  std::filesystem::remove(copied());
  ASSERT_TRUE(Copy().ok());
  {
    const auto database = Database::Open(copied(), DatabaseMode::kScratch);
    ASSERT_TRUE((*database)->Execute("PRAGMA user_version=999").ok());
  }
  EXPECT_EQ(check().code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(check().message(), HasSubstr("snapshot export"));
  EXPECT_TRUE(std::filesystem::is_empty(dir_.path() / "scratch"));
}

}  // namespace
}  // namespace coderank
