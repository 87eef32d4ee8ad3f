#include "store/embedding_cache.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <system_error>

#include "base/file.h"
#include "base/strings.h"
#include "base/try.h"
#include "store/index_store.h"
#include "store/vector_row.h"

namespace coderank {
namespace {

constexpr int kApplicationIdOfCache = 0x436F5263;  // "CoRc". Frozen.
// Raise it when a table changes; an older cache is then refused until it is cleared.
constexpr int kCacheVersion = 1;

// `used` is the day of the last use: finer, and every look would be a write.
constexpr const char* kCacheSchema = R"sql(
CREATE TABLE models(id INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL UNIQUE);
CREATE TABLE rows(
  id INTEGER PRIMARY KEY,
  model INTEGER NOT NULL,
  sha256 BLOB NOT NULL,
  used INTEGER NOT NULL,
  tokens INTEGER NOT NULL,
  truncated INTEGER NOT NULL,
  row BLOB NOT NULL,
  UNIQUE(model, sha256));
CREATE INDEX rows_by_use ON rows(used);
)sql";

constexpr std::array<std::string_view, 4> kSuffixes = {"", "-wal", "-shm", "-journal"};
// Waits of 100 ms for another writer: a batch takes far less.
constexpr int kMostWaits = 10;
// Evicting goes below the size by this share, so that not every batch evicts.
constexpr double kShareKept = 0.9;

int64_t Today() { return std::time(nullptr) / (int64_t{24} * 60 * 60); }

Result<IndexLock> LockCache(const std::filesystem::path& folder) {
  CODERANK_TRY(CreatePrivateFolder(folder));
  int waits = 0;
  auto lock = IndexLock::Acquire(folder, [&waits] { return ++waits <= kMostWaits; });
  if (!lock && lock.error().code() == StatusCode::kCancelled) {
    return FailedPrecondition(StrCat(folder, ": another coderank writes the embedding cache"));
  }
  return lock;
}

Status CheckFormatOfCache(const Database& database) {
  CODERANK_ASSIGN(const int64_t application, database.QueryInteger("PRAGMA application_id"));
  CODERANK_ASSIGN(const int64_t version, database.QueryInteger("PRAGMA user_version"));
  if (application == kApplicationIdOfCache && version == kCacheVersion) return OkStatus();
  return FailedPrecondition(StrCat(database.path(), ": expected an embedding cache of format ",
                                   kCacheVersion, ", found application id ", application,
                                   ", format ", version, "; ", kCacheRole.way_out));
}

Result<bool> HasTables(const Database& database) {
  CODERANK_ASSIGN(const int64_t tables,
                  database.QueryInteger("SELECT count(*) FROM sqlite_schema"));
  return tables > 0;
}

Status MakeTables(const Database& database) {
  CODERANK_ASSIGN(Transaction transaction, Transaction::Begin(database));
  CODERANK_TRY(database.Execute(kCacheSchema));
  CODERANK_TRY(database.Execute(StrCat("PRAGMA application_id=", kApplicationIdOfCache).c_str()));
  CODERANK_TRY(database.Execute(StrCat("PRAGMA user_version=", kCacheVersion).c_str()));
  return transaction.Commit();
}

// No value when the cache has no row of the model.
Result<std::optional<int64_t>> ModelId(const Database& database, std::string_view fingerprint) {
  CODERANK_ASSIGN(Statement select, database.Prepare("SELECT id FROM models WHERE fingerprint=?"));
  select.BindText(0, fingerprint);
  CODERANK_ASSIGN(const bool row, select.Step());
  return row ? std::optional(select.Integer(0)) : std::nullopt;
}

Result<int64_t> AddModel(const Database& database, std::string_view fingerprint) {
  CODERANK_ASSIGN(const auto known, ModelId(database, fingerprint));
  if (known) return *known;
  CODERANK_ASSIGN(Statement insert, database.Prepare("INSERT INTO models(fingerprint) VALUES(?)"));
  CODERANK_TRY(insert.BindText(0, fingerprint).Run());
  return database.LastInsertId();
}

Status InsertRows(const Database& database, int64_t model,
                  std::span<const CachedEmbedding> embeddings) {
  CODERANK_ASSIGN(Statement insert,
                  database.Prepare("INSERT OR IGNORE INTO rows(model, sha256, used, tokens, "
                                   "truncated, row) VALUES(?, ?, ?, ?, ?, ?)"));
  const int64_t today = Today();
  for (const CachedEmbedding& embedding : embeddings) {
    insert.BindInteger(0, model)
        .BindBlob(1, std::as_bytes(std::span(embedding.sha256)))
        .BindInteger(2, today)
        .BindInteger(3, embedding.tokens)
        .BindInteger(4, embedding.truncated ? 1 : 0)
        .BindBlob(5, std::as_bytes(std::span(embedding.row)));
    CODERANK_TRY(insert.Run());
  }
  return OkStatus();
}

Status MarkUsed(const Database& database, std::span<const int64_t> rows) {
  CODERANK_ASSIGN(Statement update, database.Prepare("UPDATE rows SET used=? WHERE id=?"));
  const int64_t today = Today();
  for (const int64_t row : rows)
    CODERANK_TRY(update.BindInteger(0, today).BindInteger(1, row).Run());
  return OkStatus();
}

Result<uint64_t> BytesInUse(const Database& database) {
  CODERANK_ASSIGN(const int64_t size, database.QueryInteger("PRAGMA page_size"));
  CODERANK_ASSIGN(const int64_t pages, database.QueryInteger("PRAGMA page_count"));
  CODERANK_ASSIGN(const int64_t unused, database.QueryInteger("PRAGMA freelist_count"));
  return static_cast<uint64_t>(std::max<int64_t>(0, (pages - unused) * size));
}

std::filesystem::path FileWith(const std::filesystem::path& folder, std::string_view suffix) {
  return folder / StrCat(EmbeddingCache::kDatabaseName, suffix);
}

uint64_t BytesOnDisk(const std::filesystem::path& folder) {
  uint64_t bytes = 0;
  for (const std::string_view suffix : kSuffixes) {
    struct stat info {};
    if (::lstat(FileWith(folder, suffix).c_str(), &info) == 0) {
      bytes += static_cast<uint64_t>(info.st_size);
    }
  }
  return bytes;
}

}  // namespace

// The lock is released after the database is closed, which is when the log is merged.
struct EmbeddingCache::Writer {
  IndexLock lock;
  std::unique_ptr<Database> database;
};

Result<EmbeddingCache::Writer> EmbeddingCache::OpenWriter() const {
  CODERANK_ASSIGN(IndexLock lock, LockCache(folder_));
  // The canonical name: SQLite refuses links anywhere in a database's path.
  std::error_code error;
  const auto folder = std::filesystem::canonical(folder_, error);
  if (error) return ErrnoStatus(error.value(), folder_, "cannot open the embedding cache");
  CODERANK_ASSIGN(auto database,
                  Database::Open(folder / kDatabaseName, DatabaseMode::kReadWrite, kCacheRole));
  CODERANK_ASSIGN(const bool made, HasTables(*database));
  if (!made) CODERANK_TRY(MakeTables(*database));
  CODERANK_TRY(CheckFormatOfCache(*database));
  return Writer{.lock = std::move(lock), .database = std::move(database)};
}

Result<bool> EmbeddingCache::OpenReader() {
  if (reader_ != nullptr) return true;
  std::error_code error;
  const auto path = std::filesystem::canonical(folder_ / kDatabaseName, error);
  if (error == std::errc::no_such_file_or_directory) return false;
  if (error) return ErrnoStatus(error.value(), folder_, "cannot open the embedding cache");
  CODERANK_ASSIGN(auto database, Database::Open(path, ReadingMode(path), kCacheRole));
  CODERANK_ASSIGN(const bool made, HasTables(*database));
  if (!made) return false;
  CODERANK_TRY(CheckFormatOfCache(*database));
  reader_ = std::move(database);
  return true;
}

Result<std::vector<std::optional<CachedEmbedding>>> EmbeddingCache::Find(
    std::string_view fingerprint, size_t dimension, std::span<const Sha256Digest> hashes) {
  std::vector<std::optional<CachedEmbedding>> found(hashes.size());
  CODERANK_ASSIGN(const bool open, OpenReader());
  if (!open) return found;
  CODERANK_ASSIGN(const auto model, ModelId(*reader_, fingerprint));
  if (!model) return found;
  CODERANK_ASSIGN(Statement select,
                  reader_->Prepare("SELECT id, used, tokens, truncated, row FROM rows "
                                   "WHERE model=? AND sha256=?"));
  const int64_t today = Today();
  for (size_t i = 0; i < hashes.size(); ++i) {
    select.BindInteger(0, *model).BindBlob(1, std::as_bytes(std::span(hashes[i])));
    CODERANK_ASSIGN(const bool known, select.Step());
    if (known && select.Blob(4).size() == dimension * sizeof(uint16_t)) {
      CachedEmbedding embedding{.sha256 = hashes[i],
                                .row = std::vector<uint16_t>(dimension),
                                .tokens = static_cast<uint32_t>(select.Integer(2)),
                                .truncated = select.Integer(3) != 0};
      std::memcpy(embedding.row.data(), select.Blob(4).data(), dimension * sizeof(uint16_t));
      if (select.Integer(1) < today) used_.push_back(select.Integer(0));
      if (IsUnitRow(embedding.row)) found[i] = std::move(embedding);
    }
    select.Reset();
  }
  return found;
}

Status EmbeddingCache::Add(std::string_view fingerprint,
                           std::span<const CachedEmbedding> embeddings) {
  if (embeddings.empty() && used_.empty()) return OkStatus();
  CODERANK_ASSIGN(Writer writer, OpenWriter());
  CODERANK_ASSIGN(Transaction transaction, Transaction::Begin(*writer.database));
  CODERANK_ASSIGN(const int64_t model, AddModel(*writer.database, fingerprint));
  CODERANK_TRY(InsertRows(*writer.database, model, embeddings));
  CODERANK_TRY(MarkUsed(*writer.database, used_));
  used_.clear();
  CODERANK_TRY(Evict(*writer.database));
  return transaction.Commit();
}

Status EmbeddingCache::Evict(const Database& database) const {
  CODERANK_ASSIGN(const uint64_t bytes, BytesInUse(database));
  if (bytes <= max_bytes_) return OkStatus();
  CODERANK_ASSIGN(const int64_t rows, database.QueryInteger("SELECT count(*) FROM rows"));
  const double kept = kShareKept * static_cast<double>(max_bytes_) / static_cast<double>(bytes);
  const auto surplus = rows - static_cast<int64_t>(static_cast<double>(rows) * kept);
  CODERANK_ASSIGN(Statement remove,
                  database.Prepare("DELETE FROM rows WHERE id IN "
                                   "(SELECT id FROM rows ORDER BY used, id LIMIT ?)"));
  return remove.BindInteger(0, surplus).Run();
}

Result<CacheStatus> EmbeddingCache::Describe() const {
  CacheStatus status{.bytes = BytesOnDisk(folder_)};
  EmbeddingCache reader(folder_, max_bytes_);
  CODERANK_ASSIGN(const bool open, reader.OpenReader());
  if (!open) return status;
  CODERANK_ASSIGN(const int64_t rows, reader.reader_->QueryInteger("SELECT count(*) FROM rows"));
  CODERANK_ASSIGN(const int64_t models,
                  reader.reader_->QueryInteger("SELECT count(*) FROM models"));
  status.rows = static_cast<uint64_t>(rows);
  status.models = static_cast<uint64_t>(models);
  return status;
}

Result<CacheStatus> EmbeddingCache::Trim() {
  reader_.reset();
  if (BytesOnDisk(folder_) == 0) return CacheStatus{};
  {
    CODERANK_ASSIGN(Writer writer, OpenWriter());
    CODERANK_TRY(Evict(*writer.database));
    CODERANK_TRY(writer.database->Execute("VACUUM"));
  }
  return Describe();
}

Result<uint64_t> EmbeddingCache::Clear() {
  reader_.reset();
  const uint64_t bytes = BytesOnDisk(folder_);
  if (bytes == 0) return bytes;
  CODERANK_ASSIGN(const IndexLock lock, LockCache(folder_));
  for (const std::string_view suffix : kSuffixes) {
    std::error_code error;
    std::filesystem::remove(FileWith(folder_, suffix), error);
    if (error) return ErrnoStatus(error.value(), FileWith(folder_, suffix), "cannot remove");
  }
  return bytes;
}

}  // namespace coderank
