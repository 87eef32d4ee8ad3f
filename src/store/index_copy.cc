#include "store/index_copy.h"

#include <memory>
#include <string>
#include <system_error>

#include "base/strings.h"
#include "base/try.h"
#include "store/index_store.h"
#include "store/schema.h"
#include "store/sqlite.h"

namespace coderank {
namespace {

constexpr std::string_view kSource = "source";  // the name under which the rows' origin is attached

// Ids of the origin are raised by these numbers.
struct IdOffsets {
  int64_t texts = 0;
  int64_t chunks = 0;
};

// What of the table `meta` describes the rows.
std::string MetaKeys() {
  return StrCat("('", kMetaModel, "', '", kMetaFingerprint, "', '", kMetaMaxTokens, "', '",
                kMetaChunking, "', '", kMetaIndexedAt, "')");
}

// Texts that lost their last chunk, and are still there because a run is under way, stay behind.
std::string CopyRows(const IdOffsets& offsets) {
  return StrCat(
      "INSERT INTO main.files SELECT id, path, size, 0, 0, sha256, language, traits, lost_syntax"
      " FROM source.files;"
      "INSERT INTO main.texts SELECT id + ",
      offsets.texts,
      ", sha256, size, content FROM source.texts"
      " WHERE id IN (SELECT text_id FROM source.chunks);"
      "INSERT INTO main.chunks SELECT id + ",
      offsets.chunks, ", file_id, text_id + ", offsets.texts,
      ", start_byte, end_byte, start_line, end_line, symbol, kind, scope, definitions,"
      " context_bytes, cut FROM source.chunks;"
      "INSERT INTO main.vectors SELECT text_id + ",
      offsets.texts,
      ", tokens, truncated, row FROM source.vectors"
      " WHERE text_id IN (SELECT text_id FROM source.chunks);"
      "INSERT INTO main.pending SELECT id, size FROM main.texts"
      " WHERE id NOT IN (SELECT text_id FROM main.vectors);"
      "INSERT INTO main.meta SELECT key, value FROM source.meta WHERE key IN ",
      MetaKeys(), ";");
}

std::string DeleteRows() {
  return StrCat(
      "DELETE FROM main.files; DELETE FROM main.texts; DELETE FROM main.chunks;"
      "DELETE FROM main.vectors; DELETE FROM main.pending; DELETE FROM main.released;"
      "DELETE FROM main.skipped; DELETE FROM main.meta WHERE key IN ",
      MetaKeys(), ";");
}

// The greatest id that the table ever gave.
Result<int64_t> GreatestId(const Database& database, std::string_view table) {
  CODERANK_ASSIGN(Statement select,
                  database.Prepare("SELECT seq FROM main.sqlite_sequence WHERE name=?"));
  select.BindText(0, table);
  CODERANK_ASSIGN(const bool row, select.Step());
  return row ? select.Integer(0) : 0;
}

}  // namespace

Status CopyIndex(const std::filesystem::path& index_folder, const std::filesystem::path& target) {
  const auto origin = index_folder / IndexStore::kDatabaseName;
  CODERANK_ASSIGN(auto database, Database::Open(target, DatabaseMode::kScratch, kCopyRole));
  CODERANK_TRY(CreateTables(*database, kCopyId));
  CODERANK_TRY(database->Attach(origin, ReadingMode(origin), kSource));
  CODERANK_ASSIGN(Transaction transaction, Transaction::Begin(*database));
  CODERANK_TRY(database->Execute(CopyRows({}).c_str()));
  return transaction.Commit();
}

Status CheckCopy(const std::filesystem::path& database, const std::filesystem::path& folder) {
  const auto expected_file = folder / "expected.db";
  CODERANK_ASSIGN(const auto found, Database::Open(database, DatabaseMode::kImmutable, kCopyRole));
  CODERANK_TRY(CheckFormat(*found));
  CODERANK_ASSIGN(auto expected, Database::Open(expected_file, DatabaseMode::kScratch, kCopyRole));
  CODERANK_TRY(CreateTables(*expected, kCopyId));
  CODERANK_TRY(expected->Attach(database, DatabaseMode::kImmutable, kSource));
  CODERANK_ASSIGN(const int64_t differences,
                  expected->QueryInteger(
                      "WITH ours AS (SELECT type, name, tbl_name, sql FROM main.sqlite_schema),"
                      " theirs AS (SELECT type, name, tbl_name, sql FROM source.sqlite_schema)"
                      " SELECT (SELECT count(*) FROM"
                      " (SELECT * FROM ours EXCEPT SELECT * FROM theirs)) + (SELECT count(*)"
                      " FROM (SELECT * FROM theirs EXCEPT SELECT * FROM ours))"));
  expected.reset();
  std::error_code ignored;
  std::filesystem::remove(expected_file, ignored);
  if (differences != 0) {
    return Corrupt(StrCat(database, ": expected the tables of an index, found others"));
  }
  CODERANK_ASSIGN(const int64_t more,
                  found->QueryInteger(StrCat("SELECT count(*) FROM meta WHERE key <> '",
                                             kMetaIndexId, "' AND key NOT IN ", MetaKeys())));
  if (more == 0) return OkStatus();
  return Corrupt(StrCat(database, ": expected a copy, found settings of somebody's index"));
}

// New ids for all, since what is derived from the rows that were here takes the same id for the
// same row.
Status IndexStore::ReplaceWith(const std::filesystem::path& copy) {
  CODERANK_TRY(database_->Attach(copy, DatabaseMode::kImmutable, kSource));
  {
    CODERANK_ASSIGN(Transaction transaction, Begin());
    IdOffsets offsets;
    CODERANK_ASSIGN(offsets.texts, GreatestId(*database_, "texts"));
    CODERANK_ASSIGN(offsets.chunks, GreatestId(*database_, "chunks"));
    CODERANK_TRY(database_->Execute(DeleteRows().c_str()));
    CODERANK_TRY(database_->Execute(CopyRows(offsets).c_str()));
    CODERANK_TRY(Advance(kMetaChunkGeneration, advanced_chunks_));
    CODERANK_TRY(Advance(kMetaVectorGeneration, advanced_vectors_));
    CODERANK_TRY(transaction.Commit());
  }
  return database_->Execute("DETACH source");
}

}  // namespace coderank
