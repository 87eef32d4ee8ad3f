// The tables of an index, and their version.
//
//   meta      what the index is: its id, model, fingerprint, chunking, time of the last full run
//   files     one row a file, with the stamp and the hash of the content that was read, and why it
//             was cut by lines where its language has a grammar
//   texts     each embedded text once, by the SHA-256 of its bytes; content is a zstd frame
//   chunks    where a text stands: file, lines, bytes; what it defines. The first context_bytes of
//             the text are signatures of what encloses the chunk, the rest is the chunk itself
//   vectors   one row a text: f16 [dimension], little-endian, unit length
//   skipped   what the walk left out, and why
//
// Ids of chunks and texts are never used twice (AUTOINCREMENT), so what is derived from the tables
// can tell old rows from new ones by their ids.
#pragma once

namespace coderank {

// SQLite's application_id: "CoRk". Frozen.
inline constexpr int kApplicationId = 0x436F526B;
// SQLite's user_version. Raise it when a table changes; an older index is then rebuilt.
inline constexpr int kSchemaVersion = 3;

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
CREATE INDEX chunks_by_text ON chunks(text_id);
CREATE TABLE vectors(
  text_id INTEGER PRIMARY KEY,
  tokens INTEGER NOT NULL,
  truncated INTEGER NOT NULL,
  row BLOB NOT NULL);
CREATE TABLE skipped(path TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL);
)sql";

}  // namespace coderank
