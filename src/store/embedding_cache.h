// EmbeddingCache: the vectors that this user has computed, whichever tree their texts stood in.
//
// One SQLite database for all of a user's trees, keyed by the fingerprint of the model and the
// SHA-256 of the exact text. Its rows can all be computed again, so its size is bounded (what was
// not used for longest goes first) and nothing depends on it: who gets an error goes on without.
//
// One process writes at a time, under a lock beside the database; readers never wait for it. The
// lock is held for one batch, not for a run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/sha256.h"
#include "coderank/result.h"
#include "store/sqlite.h"

namespace coderank {

struct CachedEmbedding {
  Sha256Digest sha256{};      // of the text
  std::vector<uint16_t> row;  // [dimension] IEEE binary16, unit length
  uint32_t tokens = 0;
  bool truncated = false;
};

struct CacheStatus {
  uint64_t rows = 0;
  uint64_t models = 0;
  uint64_t bytes = 0;  // on disk
};

// Not thread-safe.
class EmbeddingCache {
 public:
  static constexpr std::string_view kDatabaseName = "embeddings.db";

  // `folder` is created at the first write. `max_bytes`: of the database.
  EmbeddingCache(std::filesystem::path folder, uint64_t max_bytes)
      : folder_(std::move(folder)), max_bytes_(max_bytes) {}

  // One element for each hash, in order; no value for a text that is not known. Rows that are not
  // unit vectors of `dimension` numbers count as unknown.
  Result<std::vector<std::optional<CachedEmbedding>>> Find(std::string_view fingerprint,
                                                           size_t dimension,
                                                           std::span<const Sha256Digest> hashes);
  // Adds what is not there yet, remembers that what Find gave was used, and removes the least
  // recently used beyond the size. A cache that another process writes for longer than a
  // second is an error (kFailedPrecondition).
  Status Add(std::string_view fingerprint, std::span<const CachedEmbedding> embeddings);

  // All zero when there is none.
  Result<CacheStatus> Describe() const;
  // Removes the least recently used rows beyond `max_bytes` and gives the space back.
  Result<CacheStatus> Trim();
  // Removes the database, in whatever state it is. Returns the bytes freed.
  Result<uint64_t> Clear();

  const std::filesystem::path& folder() const { return folder_; }
  uint64_t max_bytes() const { return max_bytes_; }

 private:
  struct Writer;
  Result<Writer> OpenWriter() const;
  // False when there is no database yet.
  Result<bool> OpenReader();
  Status Evict(const Database& database) const;

  std::filesystem::path folder_;
  uint64_t max_bytes_;
  std::unique_ptr<Database> reader_;
  std::vector<int64_t> used_;  // rows that Find gave and whose day of use is an earlier one
};

}  // namespace coderank
