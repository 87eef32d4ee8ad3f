// Engine: answering a query.
#include <algorithm>
#include <chrono>

#include "base/strings.h"
#include "base/try.h"
#include "engine/engine_state.h"
#include "engine/index_access.h"
#include "search/result_filter.h"
#include "search/vector_search.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;

// A first question waits this long for vectors: as long as people stay with a command, and enough
// for a few hundred chunks of a small model. The rest is the next `coderank index`'s.
constexpr double kFirstAnswerSeconds = 3;

class Stopwatch {
 public:
  // Milliseconds since construction or the last call.
  double Lap() {
    const auto now = Clock::now();
    const double lap = std::chrono::duration<double, std::milli>(now - start_).count();
    start_ = now;
    return lap;
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
};

// `path` is relative to the indexed root; the caller asked about `subpath` below it.
std::string RelativeTo(const std::string& subpath, const std::string& path) {
  if (subpath.empty()) return path;
  if (path == subpath) return fs::path(path).filename().native();
  return path.substr(subpath.size() + 1);
}

Result<std::vector<SearchResult>> WithSnippets(const IndexStore& store,
                                               std::vector<ScoredChunk> found, uint32_t offset,
                                               const std::string& subpath) {
  std::vector<SearchResult> results;
  for (size_t i = offset; i < found.size(); ++i) {
    StoredChunk& chunk = found[i].chunk;
    SearchResult result{.path = RelativeTo(subpath, chunk.path),
                        .start_line = chunk.start_line,
                        .end_line = chunk.end_line,
                        .score = found[i].score,
                        .language = std::move(chunk.language),
                        .symbol = std::move(chunk.symbol),
                        .snippet = {}};
    CODERANK_ASSIGN(std::string text, store.TextOf(chunk.text_id));
    result.snippet = text.substr(std::min<size_t>(chunk.context_bytes, text.size()));
    results.push_back(std::move(result));
  }
  return results;
}

// False too when a run was killed, or is busy, before its first commit.
Result<bool> IsMade(const std::optional<IndexLocation>& location) {
  if (!location) return false;
  const auto store = OpenIndexForReading(*location);
  if (!store && store.error().code() != StatusCode::kNotFound) return store.error();
  return static_cast<bool>(store);
}

Status CheckRequest(const SearchRequest& request) {
  if (request.query.find_first_not_of(" \t\r\n") == std::string::npos) {
    return InvalidArgument("query: expected words or names to look for, found nothing");
  }
  return OkStatus();
}

}  // namespace

Result<SearchReport> Engine::Search(const SearchRequest& request, const ProgressSink& progress,
                                    const CancellationToken* cancel) {
  CODERANK_TRY(CheckRequest(request));
  SearchReport report;
  Stopwatch total;
  Stopwatch stage;
  CODERANK_ASSIGN(auto location, state_->FindIndex(request.directory));
  CODERANK_ASSIGN(const bool made, IsMade(location));
  if (!made) {
    const fs::path root = location ? location->root : request.directory;
    IndexRequest first{.directory = root};
    if (request.wait_for_vectors) {
      first.embedding_seconds = 0;
    } else {
      first.embedding_seconds = kFirstAnswerSeconds;
      first.explain_budget = false;
    }
    CODERANK_ASSIGN(const IndexReport indexed, Index(first, progress, cancel));
    CODERANK_ASSIGN(location, state_->FindIndex(request.directory));
    if (!location) return NotFound(StrCat(indexed.root, ": its new index cannot be found"));
    report.freshness = {.known = true, .refreshed = true};
  } else {
    CODERANK_ASSIGN(report.freshness, state_->RefreshIfCheap(*location, cancel));
  }
  report.timings.index = stage.Lap();
  CODERANK_ASSIGN(const Config config, state_->ConfigFor(location->root));
  CODERANK_ASSIGN(const IndexStore store, OpenIndexForReading(*location));
  CODERANK_ASSIGN(const auto model, state_->LoadFor(config, store));
  report.timings.load_model = stage.Lap();

  CODERANK_ASSIGN(const Embedding query, model->embedder->EmbedQuery(request.query, cancel));
  report.timings.embed = stage.Lap();

  const ResultFilter filter({.subpath = location->subpath,
                             .paths = request.paths,
                             .excludes = request.excludes,
                             .languages = request.languages});
  CODERANK_ASSIGN(auto found, SearchVectors(store, *state_->kernels, query.vector, filter,
                                            size_t{request.offset} + request.limit));
  CODERANK_ASSIGN(report.results,
                  WithSnippets(store, std::move(found), request.offset, location->subpath));
  CODERANK_ASSIGN(const StoreCounts counts, store.Count());
  CODERANK_ASSIGN(const std::string indexed_at, store.Meta(kMetaIndexedAt));
  report.coverage = CoverageOf(counts, !indexed_at.empty());
  report.model = model->installed.record.name;
  report.root = location->root;
  report.timings.search = stage.Lap();
  report.timings.total = total.Lap();
  return report;
}

}  // namespace coderank
