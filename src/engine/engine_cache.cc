// Engine: the embedding cache of this user.
#include <algorithm>

#include "base/try.h"
#include "engine/engine_state.h"
#include "engine/unpacked_snapshot.h"

namespace coderank {
namespace {

CacheReport ReportOf(const EmbeddingCache& cache, const CacheStatus& status) {
  return {.folder = cache.folder(),
          .vectors = status.rows,
          .models = status.models,
          .bytes = status.bytes,
          .max_bytes = cache.max_bytes()};
}

}  // namespace

Result<CacheReport> Engine::DescribeCache() {
  CODERANK_ASSIGN(const Config config, state_->ConfigFor({}));
  const EmbeddingCache cache = state_->CacheOf(config);
  CODERANK_ASSIGN(const CacheStatus status, cache.Describe());
  return ReportOf(cache, status);
}

Result<CacheReport> Engine::TrimCache() {
  CODERANK_ASSIGN(const CacheReport before, DescribeCache());
  CODERANK_ASSIGN(const Config config, state_->ConfigFor({}));
  EmbeddingCache cache = state_->CacheOf(config);
  CODERANK_ASSIGN(const CacheStatus status, cache.Trim());
  CacheReport report = ReportOf(cache, status);
  report.bytes_freed = before.bytes - std::min(before.bytes, report.bytes);
  return report;
}

Result<CacheReport> Engine::ClearCache() {
  CODERANK_ASSIGN(const Config config, state_->ConfigFor({}));
  EmbeddingCache cache = state_->CacheOf(config);
  CODERANK_ASSIGN(const uint64_t freed, cache.Clear());
  CacheReport report = ReportOf(cache, {});
  report.bytes_freed = freed + UnpackedSnapshots(state_->SnapshotFolder()).Clear();
  return report;
}

}  // namespace coderank
