// The reading half of IndexStore: texts, files, counts.
#include <algorithm>
#include <cstring>

#include "base/strings.h"
#include "base/try.h"
#include "store/index_store.h"
#include "store/text_codec.h"

namespace coderank {
Result<std::vector<PendingPlace>> IndexStore::PendingPlaces() const {
  CODERANK_ASSIGN(Statement select,
                  database_->Prepare("SELECT p.text_id, c.file_id, p.size FROM pending p "
                                     "JOIN chunks c ON c.text_id = p.text_id ORDER BY p.text_id"));
  std::vector<PendingPlace> places;
  for (;;) {
    CODERANK_ASSIGN(const bool row, select.Step());
    if (!row) return places;
    places.push_back({.text_id = select.Integer(0),
                      .file_id = select.Integer(1),
                      .size = static_cast<uint64_t>(std::max<int64_t>(0, select.Integer(2)))});
  }
}

Result<bool> IndexStore::HasPending() const {
  CODERANK_ASSIGN(Statement select, database_->Prepare("SELECT 1 FROM pending LIMIT 1"));
  return select.Step();
}

Result<std::optional<int64_t>> IndexStore::PendingTextOf(const Sha256Digest& sha256) const {
  CODERANK_ASSIGN(Statement select,
                  database_->Prepare("SELECT id FROM texts JOIN pending ON text_id = id "
                                     "WHERE sha256=?"));
  select.BindBlob(0, std::as_bytes(std::span(sha256)));
  CODERANK_ASSIGN(const bool row, select.Step());
  return row ? std::optional(select.Integer(0)) : std::nullopt;
}

Result<std::optional<int64_t>> IndexStore::TextOfHash(const Sha256Digest& sha256) const {
  CODERANK_ASSIGN(Statement select, database_->Prepare("SELECT id FROM texts WHERE sha256=?"));
  select.BindBlob(0, std::as_bytes(std::span(sha256)));
  CODERANK_ASSIGN(const bool row, select.Step());
  return row ? std::optional(select.Integer(0)) : std::nullopt;
}

Status IndexStore::ScanFileHeads(
    FunctionRef<void(int64_t file_id, const std::string& text)> visit) const {
  CODERANK_ASSIGN(Statement select,
                  database_->Prepare("SELECT h.file_id, t.id, t.size, t.content FROM (SELECT "
                                     "file_id, min(id) AS first FROM chunks GROUP BY file_id) h "
                                     "JOIN chunks c ON c.id = h.first "
                                     "JOIN texts t ON t.id = c.text_id"));
  for (;;) {
    CODERANK_ASSIGN(const bool row, select.Step());
    if (!row) return OkStatus();
    CODERANK_ASSIGN(const std::string text,
                    DecodeText(select.Integer(1), select.Integer(2), select.Blob(3)));
    visit(select.Integer(0), text);
  }
}

Result<Sha256Digest> IndexStore::HashOf(int64_t text_id) const {
  CODERANK_ASSIGN(Statement select, database_->Prepare("SELECT sha256 FROM texts WHERE id=?"));
  select.BindInteger(0, text_id);
  CODERANK_ASSIGN(const bool row, select.Step());
  Sha256Digest digest{};
  const auto blob = row ? select.Blob(0) : std::span<const std::byte>();
  if (blob.size() != digest.size()) {
    return Corrupt(
        StrCat(database_->path(), ": text ", text_id, " has no hash of ", digest.size(), " bytes"));
  }
  std::memcpy(digest.data(), blob.data(), blob.size());
  return digest;
}

Result<StoreGeneration> IndexStore::Generation() const {
  const auto number = [this](std::string_view key) -> Result<uint64_t> {
    CODERANK_ASSIGN(Statement select, database_->Prepare("SELECT value FROM meta WHERE key=?"));
    select.BindText(0, key);
    CODERANK_ASSIGN(const bool row, select.Step());
    return row ? static_cast<uint64_t>(select.Integer(0)) : uint64_t{0};
  };
  StoreGeneration generation;
  CODERANK_ASSIGN(generation.chunks, number(kMetaChunkGeneration));
  CODERANK_ASSIGN(generation.vectors, number(kMetaVectorGeneration));
  return generation;
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
                  database_->Prepare("SELECT path, reason, detail, size, mtime_ns, inode "
                                     "FROM skipped ORDER BY path, reason"));
  std::vector<SkippedRecord> skipped;
  for (;;) {
    CODERANK_ASSIGN(const bool row, select.Step());
    if (!row) return skipped;
    skipped.push_back({.path = std::string(select.Text(0)),
                       .reason = std::string(select.Text(1)),
                       .detail = std::string(select.Text(2)),
                       .size = static_cast<uint64_t>(select.Integer(3)),
                       .mtime_ns = select.Integer(4),
                       .inode = static_cast<uint64_t>(select.Integer(5))});
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
      database_->Prepare("SELECT (SELECT count(*) FROM files), (SELECT count(*) FROM skipped),"
                         " (SELECT count(*) FROM chunks),"
                         " (SELECT count(*) FROM pending p JOIN chunks c ON c.text_id = p.text_id),"
                         " (SELECT count(*) FROM chunks WHERE cut = 1),"
                         " (SELECT count(*) FROM vectors v JOIN chunks c ON c.text_id = v.text_id"
                         "    WHERE v.truncated = 1),"
                         " (SELECT count(*) FROM pending)"));
  CODERANK_ASSIGN(const bool row, select.Step());
  if (!row) return Corrupt(StrCat(database_->path(), ": cannot be counted"));
  const auto number = [&select](int column) {
    return static_cast<uint64_t>(std::max<int64_t>(0, select.Integer(column)));
  };
  return StoreCounts{.files = number(0),
                     .skipped = number(1),
                     .chunks = number(2),
                     .embedded_chunks = number(2) - std::min(number(2), number(3)),
                     .cut_chunks = number(4),
                     .truncated_chunks = number(5),
                     .pending_texts = number(6)};
}

Status IndexStore::Checkpoint() { return database_->Execute("PRAGMA wal_checkpoint(TRUNCATE)"); }

}  // namespace coderank
