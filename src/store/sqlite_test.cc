#include "store/sqlite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/temp_dir.h"

namespace coderank {
namespace {

using ::testing::HasSubstr;

TEST(SqliteTest, TextWithNulAndBlobsRoundTrip) {
  const testing::TempDir dir;
  const auto database = *Database::Open(dir.path() / "a b?#%.db", DatabaseMode::kReadWrite);
  ASSERT_TRUE(database->Execute("CREATE TABLE t(a TEXT NOT NULL, b BLOB NOT NULL)").ok());
  auto insert = *database->Prepare("INSERT INTO t VALUES(?, ?)");
  const std::string_view text("a\0b", 3);
  ASSERT_TRUE(insert.BindText(0, text).BindBlob(1, {}).Run().ok());
  auto select = *database->Prepare("SELECT a, b FROM t");
  ASSERT_TRUE(*select.Step());
  EXPECT_EQ(select.Text(0), text);
  EXPECT_TRUE(select.Blob(1).empty());
  EXPECT_FALSE(*select.Step());
}

TEST(SqliteTest, TransactionRollsBackUnlessCommitted) {
  const testing::TempDir dir;
  const auto database = *Database::Open(dir.path() / "t.db", DatabaseMode::kReadWrite);
  ASSERT_TRUE(database->Execute("CREATE TABLE t(a)").ok());
  {
    auto transaction = *Transaction::Begin(*database);
    ASSERT_TRUE(database->Execute("INSERT INTO t VALUES(1)").ok());
  }
  EXPECT_EQ(*database->QueryInteger("SELECT count(*) FROM t"), 0);
  {
    auto transaction = *Transaction::Begin(*database);
    ASSERT_TRUE(database->Execute("INSERT INTO t VALUES(1)").ok());
    ASSERT_TRUE(transaction.Commit().ok());
  }
  EXPECT_EQ(*database->QueryInteger("SELECT count(*) FROM t"), 1);
}

TEST(SqliteTest, FilesArePrivateAndLinksAreRefused) {
  const testing::TempDir dir;
  const auto path = dir.path() / "t.db";
  { ASSERT_TRUE(Database::Open(path, DatabaseMode::kReadWrite)); }
  struct stat info {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  std::filesystem::create_symlink(path, dir.path() / "link.db");
  const auto through_link = Database::Open(dir.path() / "link.db", DatabaseMode::kReadWrite);
  ASSERT_FALSE(through_link);
  EXPECT_EQ(through_link.error().code(), StatusCode::kPermissionDenied);
}

TEST(SqliteTest, GarbageIsCorruptAndNamesTheFile) {
  const testing::TempDir dir;
  dir.Write("t.db", std::string(8192, 'x'));
  const auto database = Database::Open(dir.path() / "t.db", DatabaseMode::kReadWrite);
  ASSERT_FALSE(database);
  EXPECT_EQ(database.error().code(), StatusCode::kCorrupt);
  EXPECT_THAT(database.error().message(), HasSubstr("t.db"));
  EXPECT_THAT(database.error().message(), HasSubstr("coderank clear"));
}

}  // namespace
}  // namespace coderank
