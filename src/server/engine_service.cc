#include "server/engine_service.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "base/strings.h"
#include "base/thread_pool.h"
#include "base/try.h"

namespace coderank::server {
namespace {

// Queries that run at once can share a batch of the encoder, so more run than there are cores.
constexpr size_t kSearchersPerCore = 2;
constexpr size_t kLeastSearchers = 8;
constexpr size_t kMostSearchers = 32;
// A batch of texts keeps all cores busy by itself.
constexpr size_t kBatches = 2;
// Somebody waits for a first index; what is refreshed yields the processor to queries.
constexpr int kPriorityOfSearches = 0;
constexpr int kLowestPriority = 19;
// Texts embedded between two looks at whether anybody still waits for them.
constexpr size_t kEmbedBlock = 32;
// Searches of a tree whose index is made between two of them, and removed at once by somebody.
constexpr int kAttempts = 3;
// Vectors of the folders served are made in turns, so that others can write the index between.
constexpr double kTurnSeconds = 10;

size_t Searchers(const ServiceOptions& options) {
  if (options.searchers != 0) return options.searchers;
  return std::clamp(kSearchersPerCore * AvailableCores(), kLeastSearchers, kMostSearchers);
}

// What every engine would say, once.
LogSink WithoutRepeats(LogSink log) {
  if (!log) return log;
  struct Said {
    std::mutex mutex;
    std::set<std::string, std::less<>> texts;
  };
  constexpr size_t kMostKept = 1024;
  return [log = std::move(log), said = std::make_shared<Said>()](LogLevel level,
                                                                 std::string_view text) {
    const std::lock_guard lock(said->mutex);
    if (said->texts.size() >= kMostKept) said->texts.clear();
    if (said->texts.emplace(text).second) log(level, text);
  };
}

}  // namespace

Result<std::unique_ptr<EngineService>> EngineService::Open(ServiceOptions options) {
  options.engine.share = MakeEngineShare();
  options.engine.log = WithoutRepeats(std::move(options.engine.log));
  std::vector<Engine> searchers;
  options.searchers = Searchers(options);
  for (size_t i = 0; i < options.searchers; ++i) {
    CODERANK_ASSIGN(Engine engine, Engine::Open(options.engine));
    searchers.push_back(std::move(engine));
  }
  CODERANK_ASSIGN(Engine first_indexer, Engine::Open(options.engine));
  EngineOptions indexing = options.engine;
  indexing.own_threads = true;  // of the indexing thread's priority
  CODERANK_ASSIGN(Engine indexer, Engine::Open(indexing));
  return std::unique_ptr<EngineService>(new EngineService(
      std::move(options), std::move(searchers), std::move(first_indexer), std::move(indexer)));
}

EngineService::EngineService(ServiceOptions options, std::vector<Engine> searchers,
                             Engine first_indexer, Engine indexer)
    : options_(std::move(options)),
      searches_(
          {.name = "searches", .places = searchers.size(), .most_waiting = options_.most_waiting}),
      batches_(
          {.name = "batches of texts", .places = kBatches, .most_waiting = options_.most_waiting}),
      searchers_(std::move(searchers)),
      first_indexer_(std::move(first_indexer)),
      indexer_(std::move(indexer)),
      readiness_{.activity = "starting", .error = {}},
      first_indexes_(first_indexing_,
                     [this](const IndexRequest& request, const ProgressSink& progress,
                            const CancellationToken* cancel) {
                       return first_indexer_.Index(request, progress, cancel);
                     }),
      first_indexing_(options_.most_waiting_indexes, kPriorityOfSearches),
      indexing_(options_.most_waiting_indexes, kLowestPriority) {}

EngineService::~EngineService() {
  stopping_.Cancel();
  first_indexes_.Stop();
  if (warm_up_.joinable()) warm_up_.join();
}

void EngineService::Start() {
  warm_up_ = std::thread([this] { WarmUp(); });
}

ServiceLoad EngineService::load() const {
  return {.searches = searches_.load(),
          .batches = batches_.load(),
          .waiting_indexes = first_indexing_.waiting() + indexing_.waiting()};
}

Readiness EngineService::readiness() const {
  const std::lock_guard lock(mutex_);
  return readiness_;
}

void EngineService::SetActivity(std::string activity) {
  const std::lock_guard lock(mutex_);
  readiness_.activity = std::move(activity);
}

// The first question to every folder is asked here, so that nobody waits for its index and model.
void EngineService::WarmUp() {
  std::optional<Status> failure;
  for (size_t i = 0; i < options_.folders.size(); ++i) {
    if (const Status warmed = WarmFolder(i); !warmed.ok()) failure = warmed;
  }
  if (options_.folders.empty()) {
    SetActivity("loading the model");
    const std::string_view text = "warm up";
    const auto embedded = Embed("", {&text, 1}, {.query = true}, {.cancel = &stopping_});
    if (!embedded) failure = embedded.error();
  }
  {
    const std::lock_guard lock(mutex_);
    readiness_ = {.ready = true, .activity = "", .error = std::move(failure)};
  }
  for (const auto& folder : options_.folders) IndexInTurns(folder);
}

// What is said of it names no folder: whoever can reach the server may ask.
Status EngineService::WarmFolder(size_t number) {
  const std::string name = StrCat("folder ", number + 1, " of ", options_.folders.size());
  SetActivity(StrCat("opening the index of ", name));
  const auto tell = [&](const IndexProgress& progress) {
    SetActivity(progress.chunks_total == 0
                    ? StrCat("indexing ", name, ": ", progress.files_seen, " files")
                    : StrCat("indexing ", name, ": ", progress.chunks_done, " of ",
                             progress.chunks_total, " chunks"));
  };
  const SearchRequest question{
      .query = "warm up", .directory = options_.folders[number], .limit = 1};
  const auto answer = Search(question, {.cancel = &stopping_, .progress = tell});
  return answer ? OkStatus() : answer.error();
}

// One turn behind whatever waits, and the next, until every chunk has its vector.
void EngineService::IndexInTurns(const std::filesystem::path& folder) {
  indexing_.RunWhenIdle([this, folder] {
    const IndexRequest turn{
        .directory = folder, .embedding_seconds = kTurnSeconds, .explain_budget = false};
    const auto report = indexer_.Index(turn, {}, &stopping_);
    if (!report || report->chunks_embedded == 0) return;
    if (report->coverage.embedded_chunks < report->coverage.chunks) IndexInTurns(folder);
  });
}

Result<SearchReport> EngineService::AnswerIndexed(const SearchRequest& search,
                                                  const CallContext& context, const Ask& ask) {
  std::vector<std::string> notes;  // of the first runs
  const auto start = std::chrono::steady_clock::now();
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::vector<std::filesystem::path> unindexed;
    {
      CODERANK_ASSIGN(const Turnstile::Pass pass, searches_.Enter(context.cancel));
      const std::chrono::duration<double, std::milli> waited =
          std::chrono::steady_clock::now() - start;
      auto report = ask(searchers_[pass.place()]);
      if (!report) return report;
      if (report->unindexed.empty()) {
        report->notes.insert(report->notes.begin(), notes.begin(), notes.end());
        if (attempt > 0) {
          report->timings.index += waited.count();
          report->timings.total += waited.count();
        }
        return report;
      }
      unindexed = std::move(report->unindexed);
    }
    for (const auto& folder : unindexed) {
      CODERANK_ASSIGN(const IndexReport made,
                      first_indexes_.Make(FirstIndexRun(search, folder), context));
      notes.insert(notes.end(), made.notes.begin(), made.notes.end());
    }
  }
  return Unavailable("an index was removed while it was asked for; ask again");
}

Result<SearchReport> EngineService::Search(const SearchRequest& request,
                                           const CallContext& context) {
  SearchRequest search = request;
  search.make_index = false;
  return AnswerIndexed(search, context, [&](Engine& searcher) {
    return searcher.Search(search, context.progress, context.cancel);
  });
}

Result<SearchReport> EngineService::FindRelated(const RelatedRequest& request,
                                                const CallContext& context) {
  RelatedRequest related = request;
  related.search.make_index = false;
  return AnswerIndexed(related.search, context, [&](Engine& searcher) {
    return searcher.FindRelated(related, context.progress, context.cancel);
  });
}

Result<StatusReport> EngineService::IndexStatus(const StatusRequest& request,
                                                const CallContext& context) {
  CODERANK_ASSIGN(const Turnstile::Pass pass, searches_.Enter(context.cancel));
  return searchers_[pass.place()].IndexStatus(request);
}

Result<IndexReport> EngineService::Refresh(const IndexRequest& request,
                                           const CallContext& context) {
  Result<IndexReport> report = Cancelled("cancelled while other indexes were refreshed");
  CODERANK_TRY(indexing_.Run([&] {
    if (!IsCancelled(context.cancel)) {
      report = indexer_.Index(request, context.progress, context.cancel);
    }
  }));
  return report;
}

Result<EmbeddingsReport> EngineService::Embed(std::string_view model,
                                              std::span<const std::string_view> texts,
                                              const EmbedRequest& request,
                                              const CallContext& context) {
  std::unique_ptr<EmbeddingModel> loaded;
  {
    CODERANK_ASSIGN(const Turnstile::Pass pass, searches_.Enter(context.cancel));
    CODERANK_ASSIGN(loaded, searchers_[pass.place()].OpenModel(model));
  }
  // Single texts are quick, and can share a batch.
  std::optional<Turnstile::Pass> pass;
  if (texts.size() > 1) {
    CODERANK_ASSIGN(Turnstile::Pass entered, batches_.Enter(context.cancel));
    pass.emplace(std::move(entered));
  }
  EmbeddingsReport report{.model = loaded->summary().name, .embeddings = {}};
  while (!texts.empty()) {
    if (IsCancelled(context.cancel)) return Cancelled("embedding was cancelled");
    const auto block = texts.first(std::min(texts.size(), kEmbedBlock));
    CODERANK_ASSIGN(auto embeddings, loaded->Embed(block, request));
    std::move(embeddings.begin(), embeddings.end(), std::back_inserter(report.embeddings));
    texts = texts.subspan(block.size());
  }
  return report;
}

Result<RerankingReport> EngineService::Rerank(const RerankingRequest& request,
                                              const CallContext& context) {
  std::unique_ptr<RerankModel> judge;
  {
    CODERANK_ASSIGN(const Turnstile::Pass pass, searches_.Enter(context.cancel));
    CODERANK_ASSIGN(judge, searchers_[pass.place()].OpenReranker(request.model));
  }
  CODERANK_ASSIGN(const Turnstile::Pass pass, batches_.Enter(context.cancel));
  const std::vector<std::string_view> documents(request.documents.begin(), request.documents.end());
  CODERANK_ASSIGN(auto scores, judge->Score(request.query, documents, context.cancel));
  return RerankingReport{.model = judge->summary().name, .scores = std::move(scores)};
}

// A judge works as long as a batch of texts.
Result<CollectionSearchReport> EngineService::SearchCollections(
    const CollectionSearchRequest& request, const CallContext& context) {
  std::optional<Turnstile::Pass> batch;
  if (request.judge) {
    CODERANK_ASSIGN(Turnstile::Pass entered, batches_.Enter(context.cancel));
    batch.emplace(std::move(entered));
  }
  CODERANK_ASSIGN(const Turnstile::Pass pass, searches_.Enter(context.cancel));
  return searchers_[pass.place()].SearchCollections(request, context.cancel);
}

}  // namespace coderank::server
