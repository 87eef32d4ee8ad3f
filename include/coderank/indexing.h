// What indexing, status and clearing are asked and what they report.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "coderank/search.h"

namespace coderank {

// Where an index's vectors are searched.
enum class VectorStore {
  kAsIndexed,  // where they are; a new index: as the user's settings say, else in files
  kEmbedded,   // in files beside the index
  kQdrant,     // in a collection of a Qdrant server
};

struct IndexRequest {
  std::filesystem::path directory = ".";
  bool use_ignore_files = true;  // false: --no-ignore
  bool include_hidden = false;
  bool include_secrets = false;
  // Time for making vectors; unset: the configured budget, 0: as long as it takes. Files are always
  // read to the end.
  std::optional<double> embedding_seconds;
  bool explain_budget = true;  // log how long all vectors will take, and what to do about it
  VectorStore store = VectorStore::kAsIndexed;
  std::string collection;  // of kQdrant; empty: named after the folder
  bool agreed = false;     // that texts of the tree leave the machine
};

// The run that a search makes first in a folder that has no index.
IndexRequest FirstIndexRun(const SearchRequest& search, const std::filesystem::path& directory);

struct IndexProgress {
  enum class Phase { kWaiting, kScanning, kEmbedding, kFinishing, kReranking, kSending };
  Phase phase = Phase::kScanning;
  uint64_t files_seen = 0;
  uint64_t chunks_done = 0;   // with vectors, this run; of kSending: points sent
  uint64_t chunks_total = 0;  // to be embedded this run; of kSending: points to send
  uint64_t tokens_done = 0;
  double seconds = 0;  // in this phase
  // Of kReranking, which a listwise judge reports: about.
  uint64_t tokens_total = 0;
  double seconds_left = 0;
};
// Called on the indexing thread, a few times a second.
using ProgressSink = std::function<void(const IndexProgress&)>;

// The collection that an index's vectors are searched in.
struct IndexCollection {
  std::string url;
  std::string name;
  // Of a run:
  uint64_t points = 0;   // at its end
  uint64_t written = 0;  // by it
  uint64_t removed = 0;
};

struct IndexReport {
  std::filesystem::path root;
  std::filesystem::path index_folder;
  std::string model;  // empty: there is none, and the index has no vectors of its own
  uint64_t files_added = 0;
  uint64_t files_changed = 0;
  uint64_t files_removed = 0;
  uint64_t files_unchanged = 0;
  uint64_t chunks_embedded = 0;    // equal texts count once
  uint64_t chunks_from_cache = 0;  // vectors that an earlier run of any tree had computed
  uint64_t tokens_embedded = 0;
  double seconds_left = 0;  // what the chunks without a vector would take; 0 when not known
  double seconds = 0;
  Coverage coverage;
  std::optional<IndexCollection> collection;  // none: vectors are searched in files
  // Of a watch: the collection could not be brought up to date, which is tried again later. Without
  // `collection` its server never answered, and vectors are in files until it does.
  bool collection_behind = false;
  std::vector<std::string> notes;  // as in SearchReport
};

// What a watched tree was refreshed to.
struct WatchUpdate {
  std::string watcher;  // "inotify", or "poll" where that is not to be had
  // The first update of a watch: from here on every change is noticed.
  bool first = false;
  IndexReport report;
};
// Called on the watching thread.
using WatchSink = std::function<void(const WatchUpdate&)>;

struct SkippedFile {
  std::string path;
  std::string reason;  // "ignored", "too_large", "binary", ...
  std::string detail;  // the rule or the system's message
};

struct StatusRequest {
  std::filesystem::path directory = ".";
  std::optional<std::string> why;  // a path below `directory` to explain
};

struct PathExplanation {
  std::string path;
  bool indexed = false;   // in the index
  bool would_be = false;  // the rules as they are now would index it
  SkippedFile skipped;    // meaningful when !would_be
};

struct StatusReport {
  std::filesystem::path root;
  std::filesystem::path index_folder;
  std::string model;
  std::string model_fingerprint;
  std::string indexed_at;  // UTC, ISO 8601; empty before a run came to its end
  uint64_t index_bytes = 0;
  uint64_t cut_chunks = 0;        // a single line was longer than a chunk may be
  uint64_t truncated_chunks = 0;  // the model's length limit cut them
  Coverage coverage;
  std::optional<IndexCollection> collection;  // none: vectors are searched in files
  std::vector<SkippedFile> skipped;
  std::vector<SkippedFile> without_syntax;  // indexed, but cut by lines; `detail` says why
  std::optional<PathExplanation> explanation;
};

// Texts without a vector, written to a file for another machine.
struct ExportReport {
  std::filesystem::path file;
  std::string model;
  uint64_t texts = 0;
};

// Vectors read from a file that another machine made.
struct ImportReport {
  std::string model;
  uint64_t vectors = 0;  // in the file; all are kept in the embedding cache
  uint64_t stored = 0;   // of them belong to texts of this index that had none
  Coverage coverage;
};

// The vectors kept for all trees of this user.
struct CacheReport {
  std::filesystem::path folder;
  uint64_t vectors = 0;
  uint64_t models = 0;
  uint64_t bytes = 0;
  uint64_t max_bytes = 0;    // 0: no cache is used
  uint64_t bytes_freed = 0;  // by this call
};

struct ClearReport {
  std::filesystem::path index_folder;
  uint64_t bytes_freed = 0;
  std::optional<IndexCollection> collection;  // that held its vectors, and stays
};

}  // namespace coderank
