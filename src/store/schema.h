// The tables of an index, and their version.
//
//   meta      what the index is: its id, model, fingerprint, chunking, time of the last full run
//   files     one row a file, with the stamp and the hash of the content that was read, and
//             what kind of file it is (the bits of source/file_traits.h), and why it was cut by
//             lines though its language has a grammar
//   texts     each embedded text once, by the SHA-256 of its bytes; content is a zstd frame
//   chunks    where a text stands: file, lines, bytes; what it defines. The first context_bytes of
//             the text are signatures of what encloses the chunk, the rest is the chunk itself
//   vectors   one row a text: f16 [dimension], little-endian, unit length
//   pending   the texts without a vector, with their sizes
//   released  texts that lost a chunk since texts without chunks were last removed
//   skipped   what the walk left out, and why; with the stamp of a file that had to be read for it
//
// `pending`, `released` and the partial indexes make the cost of a run, and of counting, depend on
// what changed and not on how much there is.
//
// Ids of chunks and texts are never used twice (AUTOINCREMENT), so what is derived from the tables
// can tell old rows from new ones by their ids.
#pragma once

#include <string_view>

#include "coderank/result.h"
#include "store/sqlite.h"

namespace coderank {

// SQLite's application_id: "CoRk". Frozen.
inline constexpr int kApplicationId = 0x436F526B;
// SQLite's user_version. Raise it when a table changes, or one letter of the statements below:
// snapshots are compared with them. An older index is then rebuilt.
inline constexpr int kSchemaVersion = 4;

inline constexpr const char* kSchema = R"sql(
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE files(
  id INTEGER PRIMARY KEY,
  path TEXT NOT NULL UNIQUE,
  size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  inode INTEGER NOT NULL,
  sha256 BLOB NOT NULL,
  language TEXT NOT NULL,
  traits INTEGER NOT NULL,
  lost_syntax TEXT NOT NULL);
CREATE TABLE texts(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  sha256 BLOB NOT NULL UNIQUE,
  size INTEGER NOT NULL,
  content BLOB NOT NULL);
CREATE TABLE chunks(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  file_id INTEGER NOT NULL,
  text_id INTEGER NOT NULL,
  start_byte INTEGER NOT NULL,
  end_byte INTEGER NOT NULL,
  start_line INTEGER NOT NULL,
  end_line INTEGER NOT NULL,
  symbol TEXT NOT NULL,
  kind TEXT NOT NULL,
  scope TEXT NOT NULL,
  definitions TEXT NOT NULL,
  context_bytes INTEGER NOT NULL,
  cut INTEGER NOT NULL);
CREATE INDEX chunks_by_file ON chunks(file_id);
CREATE INDEX chunks_by_text ON chunks(text_id, file_id);
CREATE INDEX chunks_cut ON chunks(id) WHERE cut = 1;
CREATE TABLE vectors(
  text_id INTEGER PRIMARY KEY,
  tokens INTEGER NOT NULL,
  truncated INTEGER NOT NULL,
  row BLOB NOT NULL);
CREATE INDEX vectors_truncated ON vectors(text_id) WHERE truncated = 1;
CREATE TABLE pending(text_id INTEGER PRIMARY KEY, size INTEGER NOT NULL);
CREATE TABLE released(text_id INTEGER PRIMARY KEY);
CREATE TABLE skipped(
  path TEXT NOT NULL,
  reason TEXT NOT NULL,
  detail TEXT NOT NULL,
  size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  inode INTEGER NOT NULL);
)sql";

// In an empty database, with the index's id.
Status CreateTables(const Database& database, std::string_view id);
// Whether the database says that it is an index of this version.
Status CheckFormat(const Database& database);

}  // namespace coderank
