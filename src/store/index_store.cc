#include "store/index_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "base/strings.h"
#include "base/try.h"
#include "store/schema.h"
#include "store/text_codec.h"

namespace coderank {
namespace {

// The error for a reader that comes before the first commit of the run that makes the index.
Status NotMade(const std::filesystem::path& path) {
  return NotFound(StrCat(path, ": this index is not made yet; run `coderank index`"));
}

Result<bool> IsEmpty(const Database& database) {
  CODERANK_ASSIGN(const int64_t tables,
                  database.QueryInteger("SELECT count(*) FROM sqlite_schema"));
  return tables == 0;
}

bool IsFileAt(int fd, const std::filesystem::path& path) {
  struct stat held {};
  struct stat named {};
  return ::fstat(fd, &held) == 0 && ::lstat(path.c_str(), &named) == 0 &&
         held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

}  // namespace

Result<IndexLock> IndexLock::Acquire(const std::filesystem::path& folder,
                                     FunctionRef<bool()> on_wait) {
  const auto path = folder / kFileName;
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd.valid()) return ErrnoStatus(errno, path, "cannot open the lock");
  while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return ErrnoStatus(errno, path, "cannot lock");
    if (!on_wait()) return Cancelled(StrCat(path, ": gave up waiting for another writer"));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  // `clear` removes the file while it holds it: a lock on a removed file keeps nobody out.
  if (!IsFileAt(fd.get(), path)) return Acquire(folder, on_wait);
  return IndexLock(std::move(fd));
}

Result<IndexStore> IndexStore::OpenForWriting(const std::filesystem::path& folder, IndexLock lock,
                                              std::string_view id) {
  CODERANK_ASSIGN(auto database, Database::Open(folder / kDatabaseName, DatabaseMode::kReadWrite));
  CODERANK_ASSIGN(const bool is_new, IsEmpty(*database));
  if (is_new) CODERANK_TRY(CreateTables(*database, id));
  CODERANK_TRY(CheckFormat(*database));
  return IndexStore(std::move(database), std::move(lock));
}

Result<IndexStore> IndexStore::OpenForReading(const std::filesystem::path& folder) {
  const auto path = folder / kDatabaseName;
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) {
    return errno == ENOENT ? NotMade(path) : ErrnoStatus(errno, path, "cannot open the index");
  }
  return OpenExisting(path, ReadingMode(path), kIndexRole);
}

Result<IndexStore> IndexStore::OpenCopy(const std::filesystem::path& folder) {
  return OpenExisting(folder / kDatabaseName, DatabaseMode::kImmutable, kCopyRole);
}

Result<IndexStore> IndexStore::OpenExisting(const std::filesystem::path& path, DatabaseMode mode,
                                            const DatabaseRole& role) {
  CODERANK_ASSIGN(auto database, Database::Open(path, mode, role));
  CODERANK_ASSIGN(const bool not_made, IsEmpty(*database));
  if (not_made) return NotMade(path);
  CODERANK_TRY(CheckFormat(*database));
  return IndexStore(std::move(database), IndexLock());
}

Result<std::string> IndexStore::Meta(std::string_view key) const {
  CODERANK_ASSIGN(Statement select, database_->Prepare("SELECT value FROM meta WHERE key=?"));
  select.BindText(0, key);
  CODERANK_ASSIGN(const bool row, select.Step());
  return row ? std::string(select.Text(0)) : std::string();
}

Status IndexStore::SetMeta(std::string_view key, std::string_view value) {
  CODERANK_ASSIGN(Statement insert,
                  database_->Prepare("INSERT OR REPLACE INTO meta(key, value) VALUES(?, ?)"));
  return insert.BindText(0, key).BindText(1, value).Run();
}

Result<Transaction> IndexStore::Begin() {
  advanced_chunks_ = false;
  advanced_vectors_ = false;
  return Transaction::Begin(*database_);
}

Result<Transaction> IndexStore::BeginReading() const {
  return Transaction::BeginReading(*database_);
}

Result<int64_t> IndexStore::DataVersion() const {
  return database_->QueryInteger("PRAGMA data_version");
}

Status IndexStore::Advance(std::string_view generation, bool& advanced) {
  if (advanced && database_->InTransaction()) return OkStatus();
  advanced = true;
  CODERANK_ASSIGN(Statement insert,
                  database_->Prepare("INSERT INTO meta(key, value) VALUES(?, '1') ON CONFLICT(key) "
                                     "DO UPDATE SET value = CAST(value AS INTEGER) + 1"));
  return insert.BindText(0, generation).Run();
}

FileStamp StampOfRow(const Statement& row) {
  FileStamp stamp{.id = row.Integer(1),
                  .size = static_cast<uint64_t>(row.Integer(2)),
                  .mtime_ns = row.Integer(3),
                  .inode = static_cast<uint64_t>(row.Integer(4))};
  const auto hash = row.Blob(5);
  if (!hash.empty()) {
    std::memcpy(stamp.sha256.data(), hash.data(), std::min(hash.size(), stamp.sha256.size()));
  }
  return stamp;
}

Result<std::optional<FileStamp>> IndexStore::FileAt(std::string_view path) const {
  CODERANK_ASSIGN(Statement select,
                  database_->Prepare("SELECT path, id, size, mtime_ns, inode, sha256 FROM files "
                                     "WHERE path=?"));
  select.BindText(0, path);
  CODERANK_ASSIGN(const bool row, select.Step());
  return row ? std::optional(StampOfRow(select)) : std::nullopt;
}

Result<std::unordered_map<std::string, FileStamp>> IndexStore::Files() const {
  CODERANK_ASSIGN(Statement select,
                  database_->Prepare("SELECT path, id, size, mtime_ns, inode, sha256 FROM files"));
  std::unordered_map<std::string, FileStamp> files;
  for (;;) {
    CODERANK_ASSIGN(const bool row, select.Step());
    if (!row) return files;
    files.emplace(select.Text(0), StampOfRow(select));
  }
}

Result<int64_t> IndexStore::TextId(std::string_view text) {
  const Sha256Digest digest = Sha256Of(text);
  const auto digest_bytes = std::as_bytes(std::span(digest));
  CODERANK_ASSIGN(Statement select, database_->Prepare("SELECT id FROM texts WHERE sha256=?"));
  select.BindBlob(0, digest_bytes);
  CODERANK_ASSIGN(const bool known, select.Step());
  if (known) return select.Integer(0);
  CODERANK_ASSIGN(const auto frame, CompressText(text));
  CODERANK_ASSIGN(Statement insert,
                  database_->Prepare("INSERT INTO texts(sha256, size, content) VALUES(?, ?, ?)"));
  insert.BindBlob(0, digest_bytes).BindInteger(1, static_cast<int64_t>(text.size()));
  CODERANK_TRY(insert.BindBlob(2, frame).Run());
  const int64_t id = database_->LastInsertId();
  CODERANK_ASSIGN(Statement pending,
                  database_->Prepare("INSERT INTO pending(text_id, size) VALUES(?, ?)"));
  pending.BindInteger(0, id).BindInteger(1, static_cast<int64_t>(text.size()));
  CODERANK_TRY(pending.Run());
  return id;
}

Status IndexStore::ReplaceFile(const NewFile& file, std::span<const NewChunk> chunks) {
  CODERANK_TRY(Advance(kMetaChunkGeneration, advanced_chunks_));
  CODERANK_ASSIGN(Statement select, database_->Prepare("SELECT id FROM files WHERE path=?"));
  select.BindText(0, file.path);
  CODERANK_ASSIGN(const bool known, select.Step());
  if (known) CODERANK_TRY(RemoveFile(select.Integer(0)));
  CODERANK_ASSIGN(
      Statement insert_file,
      database_->Prepare("INSERT INTO files(path, size, mtime_ns, inode, sha256, language, traits, "
                         "lost_syntax) VALUES(?, ?, ?, ?, ?, ?, ?, ?)"));
  insert_file.BindText(0, file.path)
      .BindInteger(1, static_cast<int64_t>(file.stamp.size))
      .BindInteger(2, file.stamp.mtime_ns)
      .BindInteger(3, static_cast<int64_t>(file.stamp.inode))
      .BindBlob(4, std::as_bytes(std::span(file.stamp.sha256)))
      .BindText(5, file.language)
      .BindInteger(6, file.traits)
      .BindText(7, file.lost_syntax);
  CODERANK_TRY(insert_file.Run());
  const int64_t file_id = database_->LastInsertId();
  CODERANK_ASSIGN(
      Statement insert,
      database_->Prepare("INSERT INTO chunks(file_id, text_id, start_byte, end_byte, start_line, "
                         "end_line, symbol, kind, scope, definitions, context_bytes, cut) "
                         "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  for (const NewChunk& chunk : chunks) {
    CODERANK_ASSIGN(const int64_t text_id, TextId(chunk.text));
    insert.BindInteger(0, file_id)
        .BindInteger(1, text_id)
        .BindInteger(2, static_cast<int64_t>(chunk.start_byte))
        .BindInteger(3, static_cast<int64_t>(chunk.end_byte))
        .BindInteger(4, chunk.start_line)
        .BindInteger(5, chunk.end_line)
        .BindText(6, chunk.symbol)
        .BindText(7, chunk.kind)
        .BindText(8, chunk.scope)
        .BindText(9, chunk.definitions)
        .BindInteger(10, chunk.context_bytes)
        .BindInteger(11, chunk.cut ? 1 : 0);
    CODERANK_TRY(insert.Run());
  }
  return OkStatus();
}

Status IndexStore::UpdateStamp(const FileStamp& stamp) {
  CODERANK_ASSIGN(Statement update,
                  database_->Prepare("UPDATE files SET size=?, mtime_ns=?, inode=? WHERE id=?"));
  update.BindInteger(0, static_cast<int64_t>(stamp.size))
      .BindInteger(1, stamp.mtime_ns)
      .BindInteger(2, static_cast<int64_t>(stamp.inode))
      .BindInteger(3, stamp.id);
  return update.Run();
}

Status IndexStore::RemoveFile(int64_t id) {
  CODERANK_TRY(Advance(kMetaChunkGeneration, advanced_chunks_));
  CODERANK_ASSIGN(Statement released,
                  database_->Prepare("INSERT OR IGNORE INTO released(text_id) "
                                     "SELECT text_id FROM chunks WHERE file_id=?"));
  CODERANK_TRY(released.BindInteger(0, id).Run());
  CODERANK_ASSIGN(Statement chunks, database_->Prepare("DELETE FROM chunks WHERE file_id=?"));
  CODERANK_TRY(chunks.BindInteger(0, id).Run());
  CODERANK_ASSIGN(Statement file, database_->Prepare("DELETE FROM files WHERE id=?"));
  return file.BindInteger(0, id).Run();
}

Status IndexStore::ReplaceSkipped(std::span<const SkippedRecord> skipped) {
  CODERANK_TRY(database_->Execute("DELETE FROM skipped"));
  CODERANK_ASSIGN(Statement insert,
                  database_->Prepare("INSERT INTO skipped(path, reason, detail, size, mtime_ns, "
                                     "inode) VALUES(?, ?, ?, ?, ?, ?)"));
  for (const SkippedRecord& record : skipped) {
    insert.BindText(0, record.path)
        .BindText(1, record.reason)
        .BindText(2, record.detail)
        .BindInteger(3, static_cast<int64_t>(record.size))
        .BindInteger(4, record.mtime_ns)
        .BindInteger(5, static_cast<int64_t>(record.inode));
    CODERANK_TRY(insert.Run());
  }
  return OkStatus();
}

Status IndexStore::RemoveUnreferencedTexts() {
  CODERANK_TRY(
      database_->Execute("DELETE FROM released WHERE text_id IN (SELECT text_id FROM chunks "
                         "WHERE chunks.text_id = released.text_id)"));
  CODERANK_ASSIGN(const int64_t gone, database_->QueryInteger("SELECT count(*) FROM released"));
  if (gone == 0) return OkStatus();
  CODERANK_TRY(Advance(kMetaVectorGeneration, advanced_vectors_));
  return database_->Execute(
      "DELETE FROM texts WHERE id IN (SELECT text_id FROM released);"
      "DELETE FROM vectors WHERE text_id IN (SELECT text_id FROM released);"
      "DELETE FROM pending WHERE text_id IN (SELECT text_id FROM released);"
      "DELETE FROM released;");
}

Result<std::string> IndexStore::DecodeText(int64_t id, int64_t size,
                                           std::span<const std::byte> frame) const {
  const std::string where = StrCat(database_->path(), ": text ", id);
  if (size < 0 || size > int64_t{kMaxTextBytes}) {
    return Corrupt(StrCat(where, ": expected at most ", kMaxTextBytes, " bytes, found ", size));
  }
  auto text = DecompressText(frame, static_cast<size_t>(size));
  if (!text) return text.error().WithContext(where);
  return text;
}

Result<std::vector<PendingText>> IndexStore::Pending(int64_t after_id, size_t limit) const {
  CODERANK_ASSIGN(Statement select,
                  database_->Prepare("SELECT id, texts.size, content FROM pending JOIN texts ON "
                                     "id = text_id WHERE text_id > ? ORDER BY text_id LIMIT ?"));
  select.BindInteger(0, after_id).BindInteger(1, static_cast<int64_t>(limit));
  std::vector<PendingText> pending;
  for (;;) {
    CODERANK_ASSIGN(const bool row, select.Step());
    if (!row) return pending;
    const int64_t id = select.Integer(0);
    CODERANK_ASSIGN(std::string text, DecodeText(id, select.Integer(1), select.Blob(2)));
    pending.push_back({.id = id, .text = std::move(text)});
  }
}

}  // namespace coderank
