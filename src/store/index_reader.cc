// The reading half of IndexStore: chunks, texts, counts.
#include <algorithm>

#include "base/strings.h"
#include "base/try.h"
#include "store/index_store.h"
#include "store/text_codec.h"

namespace coderank {
namespace {

constexpr std::string_view kSelectChunks =
    "SELECT c.id, c.text_id, c.file_id, f.path, f.language, c.start_line, c.end_line, c.symbol, "
    "c.kind, c.scope, c.definitions, c.context_bytes FROM chunks c JOIN files f ON f.id = "
    "c.file_id";

StoredChunk ChunkOfRow(const Statement& row) {
  return {.id = row.Integer(0),
          .text_id = row.Integer(1),
          .file_id = row.Integer(2),
          .path = std::string(row.Text(3)),
          .language = std::string(row.Text(4)),
          .start_line = static_cast<uint32_t>(row.Integer(5)),
          .end_line = static_cast<uint32_t>(row.Integer(6)),
          .symbol = std::string(row.Text(7)),
          .kind = std::string(row.Text(8)),
          .scope = std::string(row.Text(9)),
          .definitions = std::string(row.Text(10)),
          .context_bytes = static_cast<uint32_t>(row.Integer(11))};
}

}  // namespace

Status IndexStore::ScanChunks(FunctionRef<void(const StoredChunk&)> visit) const {
  CODERANK_ASSIGN(Statement select, database_->Prepare(kSelectChunks));
  for (;;) {
    CODERANK_ASSIGN(const bool row, select.Step());
    if (!row) return OkStatus();
    visit(ChunkOfRow(select));
  }
}

Result<std::vector<StoredChunk>> IndexStore::ChunksOfText(int64_t text_id) const {
  CODERANK_ASSIGN(Statement select,
                  database_->Prepare(StrCat(kSelectChunks, " WHERE c.text_id = ?")));
  select.BindInteger(0, text_id);
  std::vector<StoredChunk> chunks;
  for (;;) {
    CODERANK_ASSIGN(const bool row, select.Step());
    if (!row) return chunks;
    chunks.push_back(ChunkOfRow(select));
  }
}

Result<std::vector<StoredChunk>> IndexStore::ChunksById(std::span<const int64_t> ids) const {
  CODERANK_ASSIGN(Statement select, database_->Prepare(StrCat(kSelectChunks, " WHERE c.id = ?")));
  std::vector<StoredChunk> chunks;
  chunks.reserve(ids.size());
  for (const int64_t id : ids) {
    select.BindInteger(0, id);
    CODERANK_ASSIGN(const bool row, select.Step());
    if (row) chunks.push_back(ChunkOfRow(select));
    select.Reset();
  }
  return chunks;
}

Result<std::string> IndexStore::TextOf(int64_t text_id) const {
  CODERANK_ASSIGN(Statement select,
                  database_->Prepare("SELECT size, content FROM texts WHERE id=?"));
  select.BindInteger(0, text_id);
  CODERANK_ASSIGN(const bool row, select.Step());
  if (!row) return Corrupt(StrCat(database_->path(), ": text ", text_id, " is missing"));
  return DecodeText(text_id, select.Integer(0), select.Blob(1));
}

Result<bool> IndexStore::HasFile(std::string_view path) const {
  CODERANK_ASSIGN(Statement select, database_->Prepare("SELECT 1 FROM files WHERE path=?"));
  select.BindText(0, path);
  return select.Step();
}

Result<bool> IndexStore::HasFilesBelow(std::string_view folder) const {
  // Paths below "a" lie between "a/" and "a0", as '0' follows '/': a look at the index of paths.
  CODERANK_ASSIGN(Statement select,
                  database_->Prepare("SELECT 1 FROM files WHERE path > ? AND (path < ? OR ?)"));
  const std::string first = folder.empty() ? "" : StrCat(folder, "/");
  const std::string end = StrCat(folder, "0");
  select.BindText(0, first).BindText(1, end).BindInteger(2, folder.empty() ? 1 : 0);
  return select.Step();
}

Result<std::vector<SkippedRecord>> IndexStore::Skipped() const {
  CODERANK_ASSIGN(Statement select,
                  database_->Prepare("SELECT path, reason, detail FROM skipped ORDER BY path"));
  std::vector<SkippedRecord> skipped;
  for (;;) {
    CODERANK_ASSIGN(const bool row, select.Step());
    if (!row) return skipped;
    skipped.push_back({.path = std::string(select.Text(0)),
                       .reason = std::string(select.Text(1)),
                       .detail = std::string(select.Text(2))});
  }
}

Result<std::vector<SkippedRecord>> IndexStore::FilesWithoutSyntax() const {
  CODERANK_ASSIGN(Statement select,
                  database_->Prepare("SELECT path, lost_syntax FROM files WHERE lost_syntax <> ''"
                                     " ORDER BY path"));
  std::vector<SkippedRecord> files;
  for (;;) {
    CODERANK_ASSIGN(const bool row, select.Step());
    if (!row) return files;
    files.push_back({.path = std::string(select.Text(0)),
                     .reason = "no_syntax",
                     .detail = std::string(select.Text(1))});
  }
}

Result<StoreCounts> IndexStore::Count() const {
  CODERANK_ASSIGN(
      Statement select,
      database_->Prepare(
          "SELECT (SELECT count(*) FROM files), (SELECT count(*) FROM skipped),"
          " (SELECT count(*) FROM chunks),"
          " (SELECT count(*) FROM chunks c JOIN vectors v ON v.text_id = c.text_id),"
          " (SELECT count(*) FROM chunks WHERE cut),"
          " (SELECT count(*) FROM chunks c JOIN vectors v ON v.text_id = c.text_id"
          "    WHERE v.truncated),"
          " (SELECT count(*) FROM texts WHERE id NOT IN (SELECT text_id FROM vectors))"));
  CODERANK_ASSIGN(const bool row, select.Step());
  if (!row) return Corrupt(StrCat(database_->path(), ": cannot be counted"));
  const auto number = [&select](int column) {
    return static_cast<uint64_t>(std::max<int64_t>(0, select.Integer(column)));
  };
  return StoreCounts{.files = number(0),
                     .skipped = number(1),
                     .chunks = number(2),
                     .embedded_chunks = number(3),
                     .cut_chunks = number(4),
                     .truncated_chunks = number(5),
                     .pending_texts = number(6)};
}

Status IndexStore::Checkpoint() { return database_->Execute("PRAGMA wal_checkpoint(TRUNCATE)"); }

}  // namespace coderank
