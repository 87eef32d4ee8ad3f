#include "store/sqlite.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.h"
#include "base/strings.h"
#include "base/try.h"

namespace coderank {
namespace {

StatusCode CodeOf(int sqlite_code) {
  switch (sqlite_code & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_MISMATCH:
    case SQLITE_FORMAT:
    case SQLITE_ERROR:  // our SQL is fixed, so a schema that is not ours
    case SQLITE_CONSTRAINT:
      return StatusCode::kCorrupt;
    case SQLITE_FULL:
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG:
      return StatusCode::kResourceExhausted;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_AUTH:
      return StatusCode::kPermissionDenied;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return StatusCode::kFailedPrecondition;
    case SQLITE_INTERRUPT:
    case SQLITE_ABORT:
      return StatusCode::kCancelled;
    default:
      return StatusCode::kUnavailable;
  }
}

std::string WayOut(StatusCode code, const DatabaseRole& role) {
  switch (code) {
    case StatusCode::kCorrupt:
      return StrCat("; ", role.way_out);
    case StatusCode::kResourceExhausted:
      return "; free some space, then run the same command again: committed work is kept";
    case StatusCode::kPermissionDenied:
      return "; make the folder writable, or keep the index elsewhere with --index FOLDER";
    default:
      return "";
  }
}

// Percent-encodes what a "file:" URI gives a meaning to.
std::string FileUri(const std::filesystem::path& path, std::string_view query) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string uri = "file:";
  for (const char c : path.native()) {
    if (c == '%' || c == '?' || c == '#') {
      uri += '%';
      uri += kHex[static_cast<unsigned char>(c) >> 4];
      uri += kHex[static_cast<unsigned char>(c) & 15];
    } else {
      uri += c;
    }
  }
  return StrCat(uri, "?", query);
}

bool CreatesFiles(DatabaseMode mode) {
  return mode == DatabaseMode::kReadWrite || mode == DatabaseMode::kScratch;
}

// The file is created here so that its mode is ours and a symbolic link in its place is refused.
Status CreatePrivately(const std::filesystem::path& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd.valid()) return ErrnoStatus(errno, path, "cannot open the database");
  return OkStatus();
}

}  // namespace

DatabaseMode ReadingMode(const std::filesystem::path& path) {
  if (::access(path.parent_path().c_str(), W_OK) == 0) return DatabaseMode::kReadOnly;
  struct stat shared {};
  struct stat log {};
  const bool has_log = ::stat(StrCat(path, "-wal").c_str(), &log) == 0 && log.st_size > 0 &&
                       ::stat(StrCat(path, "-shm").c_str(), &shared) == 0;
  return has_log ? DatabaseMode::kReadOnly : DatabaseMode::kImmutable;
}

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_), statement_(std::exchange(other.statement_, nullptr)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(database_, other.database_);
  std::swap(statement_, other.statement_);
  return *this;
}

Statement::~Statement() { sqlite3_finalize(statement_); }

// A failed bind (out of memory, too large) shows as an unbound parameter: the NOT NULL
// constraints of the schema turn it into an error of Step.
Statement& Statement::BindInteger(int index, int64_t value) {
  sqlite3_bind_int64(statement_, index + 1, value);
  return *this;
}

Statement& Statement::BindText(int index, std::string_view value) {
  const char* data = value.data() == nullptr ? "" : value.data();
  sqlite3_bind_text64(statement_, index + 1, data, value.size(), SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

Statement& Statement::BindBlob(int index, std::span<const std::byte> value) {
  const void* data = value.data() == nullptr ? static_cast<const void*>("") : value.data();
  sqlite3_bind_blob64(statement_, index + 1, data, value.size(), SQLITE_STATIC);
  return *this;
}

Result<bool> Statement::Step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return database_->LastError(code, "read or write");
}

Status Statement::Run() {
  auto row = Step();
  Reset();
  return row ? OkStatus() : row.error();
}

void Statement::Reset() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

int64_t Statement::Integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string_view Statement::Text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (data == nullptr) return {};
  return {data, static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

std::span<const std::byte> Statement::Blob(int column) const {
  const auto* data = static_cast<const std::byte*>(sqlite3_column_blob(statement_, column));
  if (data == nullptr) return {};
  return {data, static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

Result<std::unique_ptr<Database>> Database::Open(const std::filesystem::path& path,
                                                 DatabaseMode mode, const DatabaseRole& role) {
  if (CreatesFiles(mode)) CODERANK_TRY(CreatePrivately(path));
  const int flags = SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW |
                    (CreatesFiles(mode) ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
  const std::string uri =
      FileUri(path, mode == DatabaseMode::kImmutable ? "immutable=1" : "cache=private");
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(uri.c_str(), &handle, flags, nullptr);
  std::unique_ptr<Database> database(new Database(path, handle, role));
  if (code != SQLITE_OK) return database->LastError(code, "open");
  CODERANK_TRY(database->Configure(mode));
  return database;
}

Status Database::Configure(DatabaseMode mode) const {
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_limit(handle_, SQLITE_LIMIT_LENGTH, 64 << 20);  // bytes of one row; ours stay below 1 MB
  sqlite3_busy_timeout(handle_, 5000);                    // milliseconds
  CODERANK_TRY(Execute("PRAGMA cell_size_check=ON; PRAGMA mmap_size=0;"));
  if (mode != DatabaseMode::kReadWrite) {
    // SQLite 3.40.1 can corrupt a WAL database that two connections checkpoint at once, so only
    // the holder of the writer's lock ever does.
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  }
  if (mode == DatabaseMode::kScratch) {
    return Execute("PRAGMA main.journal_mode=MEMORY; PRAGMA main.synchronous=OFF;");
  }
  if (mode != DatabaseMode::kReadWrite) return Execute("PRAGMA query_only=ON;");
  return Execute(
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA journal_size_limit=67108864;");
}

Database::~Database() { sqlite3_close_v2(handle_); }

Result<Statement> Database::Prepare(std::string_view sql) const {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return LastError(code, "read");
  return Statement(this, statement);
}

Status Database::Execute(const char* sql) const {
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? OkStatus() : LastError(code, "read or write");
}

Status Database::Attach(const std::filesystem::path& path, DatabaseMode mode,
                        std::string_view schema) {
  const std::string uri =
      FileUri(path, mode == DatabaseMode::kImmutable ? "mode=ro&immutable=1" : "mode=ro");
  CODERANK_ASSIGN(Statement attach, Prepare("ATTACH ? AS ?"));
  return attach.BindText(0, uri).BindText(1, schema).Run();
}

Result<int64_t> Database::QueryInteger(std::string_view sql) const {
  CODERANK_ASSIGN(Statement statement, Prepare(sql));
  CODERANK_ASSIGN(const bool row, statement.Step());
  if (!row) return Corrupt(StrCat(path_, ": no row for: ", sql));
  return statement.Integer(0);
}

int64_t Database::LastInsertId() const { return sqlite3_last_insert_rowid(handle_); }

bool Database::InTransaction() const { return sqlite3_get_autocommit(handle_) == 0; }

Status Database::LastError(int code, std::string_view action) const {
  const StatusCode status = CodeOf(code);
  const char* reason = handle_ == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(handle_);
  return {status, StrCat(path_, ": cannot ", action, " the ", role_.name, ": ", reason,
                         WayOut(status, role_))};
}

Result<Transaction> Transaction::Begin(const Database& database) {
  CODERANK_TRY(database.Execute("BEGIN IMMEDIATE"));
  return Transaction(&database);
}

Result<Transaction> Transaction::BeginReading(const Database& database) {
  CODERANK_TRY(database.Execute("BEGIN"));
  return Transaction(&database);
}

Transaction::~Transaction() {
  // An error may have rolled back already; then this one fails and nothing is lost.
  if (database_ != nullptr) (void)database_->Execute("ROLLBACK");
}

Status Transaction::Commit() {
  CODERANK_TRY(database_->Execute("COMMIT"));
  database_ = nullptr;
  return OkStatus();
}

}  // namespace coderank
