// The chunks of IndexStore, alone and together with their texts.
#include "base/strings.h"
#include "base/try.h"
#include "store/index_store.h"

namespace coderank {
namespace {

constexpr std::string_view kChunkColumns =
    "c.id, c.text_id, c.file_id, f.path, f.language, f.traits, c.start_line, c.end_line, "
    "c.symbol, c.kind, c.scope, c.definitions, c.context_bytes";
constexpr int kTextColumn = 13;  // the first one after those

std::string SelectChunks(std::string_view condition) {
  return StrCat("SELECT ", kChunkColumns, " FROM chunks c JOIN files f ON f.id = c.file_id ",
                condition);
}

std::string SelectDocuments(std::string_view condition) {
  return StrCat("SELECT ", kChunkColumns, ", t.size, t.content FROM chunks c ",
                "JOIN files f ON f.id = c.file_id JOIN texts t ON t.id = c.text_id ", condition);
}

StoredChunk ChunkOfRow(const Statement& row) {
  return {.id = row.Integer(0),
          .text_id = row.Integer(1),
          .file_id = row.Integer(2),
          .path = std::string(row.Text(3)),
          .language = std::string(row.Text(4)),
          .traits = static_cast<uint32_t>(row.Integer(5)),
          .start_line = static_cast<uint32_t>(row.Integer(6)),
          .end_line = static_cast<uint32_t>(row.Integer(7)),
          .symbol = std::string(row.Text(8)),
          .kind = std::string(row.Text(9)),
          .scope = std::string(row.Text(10)),
          .definitions = std::string(row.Text(11)),
          .context_bytes = static_cast<uint32_t>(row.Integer(12))};
}

}  // namespace

Status IndexStore::ScanChunks(FunctionRef<void(const StoredChunk&)> visit) const {
  CODERANK_ASSIGN(Statement select, database_->Prepare(SelectChunks("")));
  for (;;) {
    CODERANK_ASSIGN(const bool row, select.Step());
    if (!row) return OkStatus();
    visit(ChunkOfRow(select));
  }
}

Result<std::vector<StoredChunk>> IndexStore::ChunksOfText(int64_t text_id) const {
  CODERANK_ASSIGN(Statement select, database_->Prepare(SelectChunks("WHERE c.text_id = ?")));
  select.BindInteger(0, text_id);
  std::vector<StoredChunk> chunks;
  for (;;) {
    CODERANK_ASSIGN(const bool row, select.Step());
    if (!row) return chunks;
    chunks.push_back(ChunkOfRow(select));
  }
}

Result<std::optional<StoredChunk>> IndexStore::ChunkAt(std::string_view path, uint32_t line) const {
  CODERANK_ASSIGN(Statement select, database_->Prepare(SelectChunks(
                                        "WHERE f.path = ? AND c.start_line <= ? "
                                        "ORDER BY c.start_line DESC, c.id DESC LIMIT 1")));
  select.BindText(0, path);
  select.BindInteger(1, line);
  CODERANK_ASSIGN(const bool row, select.Step());
  if (!row) return std::optional<StoredChunk>();
  return std::optional(ChunkOfRow(select));
}

Result<std::vector<StoredChunk>> IndexStore::ChunksById(std::span<const int64_t> ids) const {
  CODERANK_ASSIGN(Statement select, database_->Prepare(SelectChunks("WHERE c.id = ?")));
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

Status IndexStore::ScanDocuments(
    FunctionRef<Status(const StoredChunk&, std::string_view text)> visit) const {
  CODERANK_ASSIGN(Statement select, database_->Prepare(SelectDocuments("ORDER BY c.id")));
  for (;;) {
    CODERANK_ASSIGN(const bool row, select.Step());
    if (!row) return OkStatus();
    CODERANK_TRY(VisitDocument(select, visit));
  }
}

Status IndexStore::VisitDocuments(
    std::span<const int64_t> chunk_ids,
    FunctionRef<Status(const StoredChunk&, std::string_view text)> visit) const {
  CODERANK_ASSIGN(Statement select, database_->Prepare(SelectDocuments("WHERE c.id = ?")));
  for (const int64_t id : chunk_ids) {
    select.BindInteger(0, id);
    CODERANK_ASSIGN(const bool row, select.Step());
    if (row) CODERANK_TRY(VisitDocument(select, visit));
    select.Reset();
  }
  return OkStatus();
}

Status IndexStore::VisitDocument(
    const Statement& row,
    FunctionRef<Status(const StoredChunk&, std::string_view text)> visit) const {
  const StoredChunk chunk = ChunkOfRow(row);
  CODERANK_ASSIGN(const std::string text,
                  DecodeText(chunk.text_id, row.Integer(kTextColumn), row.Blob(kTextColumn + 1)));
  return visit(chunk, text);
}

Result<std::vector<int64_t>> IndexStore::ChunkIds() const {
  return Integers("SELECT id FROM chunks ORDER BY id");
}

Status IndexStore::ChunkIdsOfTexts(std::span<const int64_t> text_ids,
                                   FunctionRef<void(int64_t chunk_id)> visit) const {
  CODERANK_ASSIGN(Statement select,
                  database_->Prepare("SELECT id FROM chunks WHERE text_id = ? ORDER BY id"));
  for (const int64_t text_id : text_ids) {
    select.BindInteger(0, text_id);
    for (;;) {
      CODERANK_ASSIGN(const bool row, select.Step());
      if (!row) break;
      visit(select.Integer(0));
    }
    select.Reset();
  }
  return OkStatus();
}

Result<std::vector<int64_t>> IndexStore::Integers(std::string_view sql,
                                                  std::optional<int64_t> parameter) const {
  CODERANK_ASSIGN(Statement select, database_->Prepare(sql));
  if (parameter) select.BindInteger(0, *parameter);
  std::vector<int64_t> numbers;
  for (;;) {
    CODERANK_ASSIGN(const bool row, select.Step());
    if (!row) return numbers;
    numbers.push_back(select.Integer(0));
  }
}

}  // namespace coderank
