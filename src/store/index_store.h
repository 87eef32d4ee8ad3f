// IndexStore: one tree's index. SQLite is the only source of truth.
//
// Texts are stored once by their SHA-256; chunks refer to them, and so do vectors. A text that
// moves, is copied or comes back therefore keeps its vector. A text without a vector is pending:
// a state that survives a crash and that the next run picks up.
//
// One process writes at a time: the writer holds a lock on the file `lock` beside the database.
// Readers see the last commit. Not thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/file.h"
#include "base/function_ref.h"
#include "base/sha256.h"
#include "coderank/result.h"
#include "store/sqlite.h"

namespace coderank {

// A file as it was read. A mtime with its sign turned never matches: it may have changed since.
struct FileStamp {
  int64_t id = 0;
  uint64_t size = 0;
  int64_t mtime_ns = 0;
  uint64_t inode = 0;
  Sha256Digest sha256{};  // of the content as it was cut
};

struct NewFile {
  std::string path;
  FileStamp stamp;  // id unused
  std::string language;
  uint32_t traits = 0;      // the source layer's FileTraits; only kept here
  std::string lost_syntax;  // why it was cut by lines though its language has a grammar, or empty
};

struct NewChunk {
  uint64_t start_byte = 0;
  uint64_t end_byte = 0;
  uint32_t start_line = 0;
  uint32_t end_line = 0;
  std::string symbol;
  std::string kind;
  std::string scope;
  std::string definitions;     // names, a space between them
  uint32_t context_bytes = 0;  // of `text` that stand before the chunk's own bytes
  bool cut = false;
  std::string_view text;  // what is embedded
};

struct StoredChunk {
  int64_t id = 0;
  int64_t text_id = 0;
  int64_t file_id = 0;
  std::string path;
  std::string language;
  uint32_t traits = 0;
  uint32_t start_line = 0;
  uint32_t end_line = 0;
  std::string symbol;
  std::string kind;
  std::string scope;
  std::string definitions;  // names, a space between them
  uint32_t context_bytes = 0;
};

struct SkippedRecord {
  std::string path;
  std::string reason;
  std::string detail;
  // What the file looked like when its content was found unfit; a mtime of 0: it was not read.
  uint64_t size = 0;
  int64_t mtime_ns = 0;
  uint64_t inode = 0;

  bool operator==(const SkippedRecord&) const = default;
};

struct PendingText {
  int64_t id = 0;
  std::string text;
};

// Where a text without a vector stands: once for each of its chunks.
struct PendingPlace {
  int64_t text_id = 0;
  int64_t file_id = 0;
  uint64_t size = 0;  // bytes of the text
};

// Numbers of the commits that changed chunks (with their texts and files), and vectors. What is
// derived from either is up to date while the number is the same.
struct StoreGeneration {
  uint64_t chunks = 0;
  uint64_t vectors = 0;

  bool operator==(const StoreGeneration&) const = default;
};

struct StoreCounts {
  uint64_t files = 0;
  uint64_t skipped = 0;
  uint64_t chunks = 0;
  uint64_t embedded_chunks = 0;
  uint64_t cut_chunks = 0;
  uint64_t truncated_chunks = 0;
  uint64_t pending_texts = 0;
};

// Keys of the table `meta`.
inline constexpr std::string_view kMetaIndexId = "index_id";
inline constexpr std::string_view kMetaModel = "model";
inline constexpr std::string_view kMetaFingerprint = "fingerprint";
inline constexpr std::string_view kMetaMaxTokens = "max_tokens";  // asked for; 0: the model's own
inline constexpr std::string_view kMetaChunking = "chunking";
inline constexpr std::string_view kMetaIndexedAt = "indexed_at";  // empty while a run is under way
inline constexpr std::string_view kMetaChunkGeneration = "chunk_generation";
inline constexpr std::string_view kMetaVectorGeneration = "vector_generation";
// Of an index whose vectors are searched in a collection of a Qdrant server; empty: in files.
inline constexpr std::string_view kMetaServerUrl = "qdrant_url";
inline constexpr std::string_view kMetaCollection = "qdrant_collection";

// The right to write an index, held until destruction.
class IndexLock {
 public:
  static constexpr std::string_view kFileName = "lock";

  IndexLock() = default;  // holds nothing: for readers
  // Waits for another writer to end. `on_wait` is called before each wait of about 100 ms; when
  // it returns false the call gives up with kCancelled.
  static Result<IndexLock> Acquire(const std::filesystem::path& folder,
                                   FunctionRef<bool()> on_wait);

 private:
  explicit IndexLock(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

// Of a row that has id, size, mtime_ns, inode and sha256 in the columns 1 to 5.
FileStamp StampOfRow(const Statement& row);

class IndexStore {
 public:
  // The file name of the database inside an index folder.
  static constexpr std::string_view kDatabaseName = "index.db";
  // Longest text of a chunk. Chunks are counted in non-blank characters and stay far below it
  // unless blanks fill them; a stored size above it is damage and must not be allocated.
  static constexpr uint32_t kMaxTextBytes = uint32_t{16} << 20;
  // A database created by this call has `id` in its meta table from its first commit on.
  static Result<IndexStore> OpenForWriting(const std::filesystem::path& folder, IndexLock lock,
                                           std::string_view id);
  // kNotFound without a database.
  static Result<IndexStore> OpenForReading(const std::filesystem::path& folder);
  // Of a folder whose database is a copy (index_copy.h) that nobody writes: nothing is created
  // beside it.
  static Result<IndexStore> OpenCopy(const std::filesystem::path& folder);

  Result<std::string> Meta(std::string_view key) const;  // "" when unset
  Status SetMeta(std::string_view key, std::string_view value);

  Result<StoreGeneration> Generation() const;

  Result<Transaction> Begin();
  // Until its end all reads see one state; without one, each statement sees the last commit.
  Result<Transaction> BeginReading() const;
  // Another number when another connection has committed since; meaningless otherwise.
  Result<int64_t> DataVersion() const;

  // --- Files and chunks: call inside a transaction.
  Result<std::unordered_map<std::string, FileStamp>> Files() const;
  // No value when it is not indexed.
  Result<std::optional<FileStamp>> FileAt(std::string_view path) const;
  Status ReplaceFile(const NewFile& file, std::span<const NewChunk> chunks);
  // For a file whose stamp changed and whose content did not. The stamp's hash does not matter.
  Status UpdateStamp(const FileStamp& stamp);
  Status RemoveFile(int64_t id);
  Status ReplaceSkipped(std::span<const SkippedRecord> skipped);
  // Of the texts that lost a chunk, those that have none left, with their vectors.
  Status RemoveUnreferencedTexts();
  // Makes the index hold what a copy holds (index_copy.h) and nothing else, in one commit of its
  // own. Stamps of files match nothing, so the next run compares each by its content.
  Status ReplaceWith(const std::filesystem::path& copy);

  // --- Vectors. A row is [dimension] IEEE binary16, unit length.
  Result<std::vector<PendingText>> Pending(int64_t after_id, size_t limit) const;
  Result<std::vector<PendingPlace>> PendingPlaces() const;  // ascending by text
  Result<bool> HasPending() const;
  // No value when no text of that hash waits for a vector.
  Result<std::optional<int64_t>> PendingTextOf(const Sha256Digest& sha256) const;
  Status StoreVector(int64_t text_id, std::span<const uint16_t> row, size_t tokens, bool truncated);
  // Every vector once, ascending by text id. The span is valid during the call only.
  Status ScanVectors(size_t dimension,
                     FunctionRef<void(int64_t text_id, const uint16_t* row)> visit) const;
  Result<std::vector<int64_t>> VectorIds() const;  // ascending
  Result<size_t> VectorDimension() const;          // 0 while there is no vector
  // The vectors of these texts, in the order asked for; ids without a vector are left out. The span
  // is valid during the call only.
  Status VectorsOf(std::span<const int64_t> text_ids, size_t dimension,
                   FunctionRef<void(int64_t text_id, std::span<const uint16_t> row)> visit) const;

  // --- Reading.
  Status ScanChunks(FunctionRef<void(const StoredChunk&)> visit) const;
  Result<std::vector<StoredChunk>> ChunksOfText(int64_t text_id) const;
  // Of a file's chunks the one that begins last at or before the line. No value when there is none.
  Result<std::optional<StoredChunk>> ChunkAt(std::string_view path, uint32_t line) const;
  // In the order asked for; ids that are gone are left out.
  Result<std::vector<StoredChunk>> ChunksById(std::span<const int64_t> ids) const;
  // Every chunk once with its text, ascending by id; an error of `visit` ends it.
  Status ScanDocuments(FunctionRef<Status(const StoredChunk&, std::string_view text)> visit) const;
  // Those chunks, in the order asked for; ids that are gone are left out.
  Status VisitDocuments(std::span<const int64_t> chunk_ids,
                        FunctionRef<Status(const StoredChunk&, std::string_view text)> visit) const;
  Result<std::vector<int64_t>> ChunkIds() const;  // ascending
  Status ChunkIdsOfTexts(std::span<const int64_t> text_ids,
                         FunctionRef<void(int64_t chunk_id)> visit) const;
  Result<std::string> TextOf(int64_t text_id) const;
  Result<Sha256Digest> HashOf(int64_t text_id) const;
  // No value when there is no text of that hash.
  Result<std::optional<int64_t>> TextOfHash(const Sha256Digest& sha256) const;
  // The text of each file's first chunk: where it says what it includes or imports.
  Status ScanFileHeads(FunctionRef<void(int64_t file_id, const std::string& text)> visit) const;
  Result<bool> HasFile(std::string_view path) const;
  // `folder` without a final '/'; "" for the whole tree.
  Result<bool> HasFilesBelow(std::string_view folder) const;
  Result<std::vector<SkippedRecord>> Skipped() const;
  // Indexed files that lost their syntax; `detail` says why.
  Result<std::vector<SkippedRecord>> FilesWithoutSyntax() const;
  Result<StoreCounts> Count() const;

  // Moves the write-ahead log into the database file. For the writer, at the end of a run.
  Status Checkpoint();

 private:
  friend class FileCursor;
  IndexStore(std::unique_ptr<Database> database, IndexLock lock)
      : lock_(std::move(lock)), database_(std::move(database)) {}
  Result<int64_t> TextId(std::string_view text);
  static Result<IndexStore> OpenExisting(const std::filesystem::path& path, DatabaseMode mode,
                                         const DatabaseRole& role);
  Status Advance(std::string_view generation, bool& advanced);
  Result<std::string> DecodeText(int64_t id, int64_t size, std::span<const std::byte> frame) const;
  Status VisitDocument(const Statement& row,
                       FunctionRef<Status(const StoredChunk&, std::string_view text)> visit) const;
  Result<std::vector<int64_t>> Integers(std::string_view sql,
                                        std::optional<int64_t> parameter = std::nullopt) const;

  IndexLock lock_;  // released after the database is closed
  std::unique_ptr<Database> database_;
  // By the transaction under way: its changes become visible together, so once is enough.
  bool advanced_chunks_ = false;
  bool advanced_vectors_ = false;
};

}  // namespace coderank
