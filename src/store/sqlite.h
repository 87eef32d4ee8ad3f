// SQLite with errors as values. Databases are opened defensively: their bytes may be hostile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "coderank/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace coderank {

enum class DatabaseMode {
  kReadWrite,  // creates it when missing; the caller holds the writer's lock
  kReadOnly,   // never checkpoints; sees commits of a writer that runs meanwhile
  kImmutable,  // for folders that cannot be written: the file must not change while open
  kScratch,  // creates it; no journal on disk: for files that are thrown away unless all goes well
};

// How to read a database where its folder may be one that cannot be written, by mode or because the
// file system is read-only: WAL's shared memory cannot be created there. A log with content holds
// commits, of a run that was killed or of another user's that is under way, which immutable opening
// would pass over; SQLite reads such a log by the shared memory that was left beside it.
DatabaseMode ReadingMode(const std::filesystem::path& path);

// What a database is to its user: words for messages.
struct DatabaseRole {
  std::string_view name;
  std::string_view way_out;  // of a database that is damaged
};
inline constexpr DatabaseRole kIndexRole = {
    "index", "the index can be rebuilt from the sources: `coderank clear`, then `coderank index`"};
inline constexpr DatabaseRole kCopyRole = {
    "copy of an index", "make it again with `coderank snapshot export`, by this version"};
inline constexpr DatabaseRole kCacheRole = {
    "embedding cache", "`coderank cache clear` removes it; a new one is made when needed"};

class Database;

// A prepared statement. Columns and parameters count from 0. Not thread-safe.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  // Bound text and blobs must stay alive until the next Reset.
  Statement& BindInteger(int index, int64_t value);
  Statement& BindText(int index, std::string_view value);
  Statement& BindBlob(int index, std::span<const std::byte> value);

  // True when a row is there to be read.
  Result<bool> Step();
  // Runs a statement that gives no rows, and resets it.
  Status Run();
  void Reset();

  int64_t Integer(int column) const;
  // Valid until the next Step or Reset.
  std::string_view Text(int column) const;
  std::span<const std::byte> Blob(int column) const;

 private:
  friend class Database;
  Statement(const Database* database, sqlite3_stmt* statement)
      : database_(database), statement_(statement) {}

  const Database* database_;
  sqlite3_stmt* statement_;
};

// A connection. Not thread-safe. Its address is stable only through the unique_ptr it comes in,
// because statements refer to it.
class Database {
 public:
  static Result<std::unique_ptr<Database>> Open(const std::filesystem::path& path,
                                                DatabaseMode mode,
                                                const DatabaseRole& role = kIndexRole);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  const std::filesystem::path& path() const { return path_; }
  const DatabaseRole& role() const { return role_; }

  Result<Statement> Prepare(std::string_view sql) const;
  // Statements without parameters or rows, separated by ';'.
  Status Execute(const char* sql) const;
  // The first column of the first row; kCorrupt when there is no row.
  Result<int64_t> QueryInteger(std::string_view sql) const;
  int64_t LastInsertId() const;
  bool InTransaction() const;

  // Adds another database, which is read only, under the name `schema`. `mode`: kReadOnly or
  // kImmutable.
  Status Attach(const std::filesystem::path& path, DatabaseMode mode, std::string_view schema);

  // The last failure of this connection as a Status that names the file and the way out. `action`
  // is what cannot be done: "open".
  Status LastError(int code, std::string_view action) const;

 private:
  Database(std::filesystem::path path, sqlite3* handle, const DatabaseRole& role)
      : path_(std::move(path)), handle_(handle), role_(role) {}
  Status Configure(DatabaseMode mode) const;

  std::filesystem::path path_;
  sqlite3* handle_;
  DatabaseRole role_;
};

// Rolls back unless committed.
class Transaction {
 public:
  static Result<Transaction> Begin(const Database& database);
  static Result<Transaction> BeginReading(const Database& database);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();

  Status Commit();

 private:
  explicit Transaction(const Database* database) : database_(database) {}
  const Database* database_;
};

}  // namespace coderank
