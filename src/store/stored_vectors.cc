// The vectors of IndexStore.
#include <cstring>

#include "base/strings.h"
#include "base/try.h"
#include "store/index_store.h"

namespace coderank {
namespace {

// Copies a row out of SQLite's memory, which promises no alignment, after checking its size.
Status CopyRow(const Database& database, int64_t text_id, std::span<const std::byte> blob,
               std::span<uint16_t> row) {
  if (blob.size() != row.size_bytes()) {
    return Corrupt(StrCat(database.path(), ": the vector of text ", text_id, " has ", blob.size(),
                          " bytes, expected ", row.size_bytes()));
  }
  std::memcpy(row.data(), blob.data(), blob.size());
  return OkStatus();
}

}  // namespace

Status IndexStore::StoreVector(int64_t text_id, std::span<const uint16_t> row, size_t tokens,
                               bool truncated) {
  CODERANK_TRY(Advance(kMetaVectorGeneration, advanced_vectors_));
  CODERANK_ASSIGN(Statement pending, database_->Prepare("DELETE FROM pending WHERE text_id=?"));
  CODERANK_TRY(pending.BindInteger(0, text_id).Run());
  CODERANK_ASSIGN(
      Statement insert,
      database_->Prepare(
          "INSERT OR REPLACE INTO vectors(text_id, tokens, truncated, row) VALUES(?, ?, ?, ?)"));
  insert.BindInteger(0, text_id)
      .BindInteger(1, static_cast<int64_t>(tokens))
      .BindInteger(2, truncated ? 1 : 0)
      .BindBlob(3, std::as_bytes(row));
  return insert.Run();
}

Status IndexStore::ScanVectors(
    size_t dimension, FunctionRef<void(int64_t text_id, const uint16_t* row)> visit) const {
  CODERANK_ASSIGN(Statement select,
                  database_->Prepare("SELECT text_id, row FROM vectors ORDER BY text_id"));
  std::vector<uint16_t> row(dimension);
  for (;;) {
    CODERANK_ASSIGN(const bool found, select.Step());
    if (!found) return OkStatus();
    CODERANK_TRY(CopyRow(*database_, select.Integer(0), select.Blob(1), row));
    visit(select.Integer(0), row.data());
  }
}

Status IndexStore::VectorsOf(
    std::span<const int64_t> text_ids, size_t dimension,
    FunctionRef<void(int64_t text_id, std::span<const uint16_t> row)> visit) const {
  CODERANK_ASSIGN(Statement select, database_->Prepare("SELECT row FROM vectors WHERE text_id=?"));
  std::vector<uint16_t> row(dimension);
  for (const int64_t text_id : text_ids) {
    select.BindInteger(0, text_id);
    CODERANK_ASSIGN(const bool found, select.Step());
    if (found) {
      CODERANK_TRY(CopyRow(*database_, text_id, select.Blob(0), row));
      visit(text_id, row);
    }
    select.Reset();
  }
  return OkStatus();
}

Result<std::vector<int64_t>> IndexStore::VectorIds() const {
  return Integers("SELECT text_id FROM vectors ORDER BY text_id");
}

Result<size_t> IndexStore::VectorDimension() const {
  CODERANK_ASSIGN(const auto bytes, Integers("SELECT length(row) FROM vectors LIMIT 1"));
  return bytes.empty() ? 0 : static_cast<size_t>(bytes.front()) / sizeof(uint16_t);
}

}  // namespace coderank
