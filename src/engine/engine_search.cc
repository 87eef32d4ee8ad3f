// Engine: answering a query.
#include <algorithm>
#include <chrono>

#include "base/strings.h"
#include "base/try.h"
#include "engine/engine_state.h"
#include "engine/index_access.h"
#include "lexical/query_syntax.h"
#include "search/candidates.h"
#include "search/index_segments.h"
#include "search/ranking.h"
#include "search/result_filter.h"

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

Result<std::vector<SearchResult>> Results(const IndexStore& store,
                                          std::vector<Candidate>& candidates,
                                          std::span<const RankedCandidate> ranked,
                                          const SearchRequest& request,
                                          const std::string& subpath) {
  std::vector<SearchResult> results;
  for (size_t i = request.offset; i < ranked.size(); ++i) {
    StoredChunk& chunk = candidates[ranked[i].index].chunk;
    SearchResult result{.path = RelativeTo(subpath, chunk.path),
                        .start_line = chunk.start_line,
                        .end_line = chunk.end_line,
                        .score = ranked[i].score,
                        .language = std::move(chunk.language),
                        .symbol = std::move(chunk.symbol),
                        .kind = std::move(chunk.kind),
                        .scope = std::move(chunk.scope)};
    CODERANK_ASSIGN(const std::string text, store.TextOf(chunk.text_id));
    result.snippet = text.substr(std::min<size_t>(chunk.context_bytes, text.size()));
    if (request.explain) result.terms = ranked[i].terms;
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

// What the request's fields and the filters inside its query say together.
ResultFilter FilterOf(const SearchRequest& request, const ParsedSearch& parsed,
                      const std::string& subpath) {
  FilterOptions options{.subpath = subpath,
                        .paths = request.paths,
                        .excludes = request.excludes,
                        .languages = request.languages,
                        .without_languages = parsed.excluded_languages,
                        .content = request.content};
  const auto append = [](std::vector<std::string>& to, const std::vector<std::string>& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  append(options.paths, parsed.paths);
  append(options.excludes, parsed.excluded_paths);
  append(options.languages, parsed.languages);
  return ResultFilter(options);
}

Status CheckRequest(const SearchRequest& request) {
  if (request.query.find_first_not_of(" \t\r\n") == std::string::npos) {
    return InvalidArgument("query: expected words or names to look for, found nothing");
  }
  return OkStatus();
}

}  // namespace

Result<std::shared_ptr<const LoadedModel>> Engine::State::ModelForSearch(const Config& config,
                                                                         const IndexStore& store,
                                                                         SearchMode mode) {
  std::shared_ptr<const LoadedModel> none;
  if (mode == SearchMode::kLexical) return none;
  CODERANK_ASSIGN(const size_t dimension, store.VectorDimension());
  const bool chosen = ModelIsChosenNow(config);
  if (dimension == 0 && mode == SearchMode::kHybrid) {
    if (chosen) CODERANK_TRY(CheckModel(config));
    return none;
  }
  auto model = LoadFor(config, store);
  const bool missing = !model && model.error().code() == StatusCode::kNotFound;
  if (missing && !chosen && mode == SearchMode::kHybrid) {
    Note(StrCat("searching by words alone: ", model.error().message()));
    return none;
  }
  if (model && dimension == 0) {
    return FailedPrecondition(
        "mode semantic: the index has no vectors yet; run `coderank index`, or use --mode hybrid");
  }
  return model;
}

Result<SearchReport> Engine::Search(const SearchRequest& request, const ProgressSink& progress,
                                    const CancellationToken* cancel) {
  CODERANK_TRY(CheckRequest(request));
  CODERANK_ASSIGN(const ParsedSearch parsed, ParseSearch(request.query));
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
  CODERANK_ASSIGN(const auto model, state_->ModelForSearch(config, store, request.mode));
  report.timings.load_model = stage.Lap();

  Embedding embedding;
  // Filters alone ask for nothing that a vector could say.
  if (model != nullptr && !parsed.text.empty()) {
    CODERANK_ASSIGN(embedding, model->embedder->EmbedQuery(parsed.text, cancel));
    report.model = model->installed.record.name;
  }
  report.mode = model == nullptr ? SearchMode::kLexical : request.mode;
  report.timings.embed = stage.Lap();

  CODERANK_ASSIGN(const IndexSegments segments,
                  IndexSegments::Open(store, location->folder, *state_->kernels));
  const ResultFilter filter = FilterOf(request, parsed, location->subpath);
  const size_t wanted = size_t{request.offset} + request.limit;
  const QueryAnalysis analysis = AnalyseQuery(parsed.text);
  CODERANK_ASSIGN(
      CandidateSet found,
      FindCandidates(store, segments, {.kernels = *state_->kernels, .pool = state_->Pool(config)},
                     {.text = parsed.text,
                      .analysis = analysis,
                      .filter = filter,
                      .symbols = parsed.symbols,
                      .phrases = parsed.phrases,
                      .mode = report.mode,
                      .query_vector = embedding.vector,
                      .wanted = wanted}));
  const auto ranked = Rank(analysis, found.candidates, found.context, wanted);
  CODERANK_ASSIGN(report.results,
                  Results(store, found.candidates, ranked, request, location->subpath));
  CODERANK_ASSIGN(const StoreCounts counts, store.Count());
  CODERANK_ASSIGN(const std::string indexed_at, store.Meta(kMetaIndexedAt));
  report.coverage = CoverageOf(counts, !indexed_at.empty());
  report.root = location->root;
  report.timings.search = stage.Lap();
  report.timings.total = total.Lap();
  return report;
}

}  // namespace coderank
