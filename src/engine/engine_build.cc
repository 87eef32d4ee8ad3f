// Engine: building and refreshing an index.
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "engine/engine_state.h"
#include "engine/index_access.h"
#include "engine/indexer.h"
#include "search/index_segments.h"

namespace coderank {
namespace {

// Keeps what searches read up to date with what a run commits: files, and the collection where the
// index has one. That its server fails does not stop a run, which goes on to its end for the store
// and for words; followed() tells.
class SegmentUpdater : public IndexObserver {
 public:
  using Follow = std::function<Status(IndexStore&)>;

  SegmentUpdater(std::filesystem::path folder, const kernels::KernelSet& kernels, Follow follow)
      : folder_(std::move(folder)), kernels_(kernels), follow_(std::move(follow)) {}

  Status OnScanned(IndexStore& store) override { return UpdateLexicalSegments(store, folder_); }
  Status OnEmbedded(IndexStore& store) override {
    CODERANK_TRY(UpdateVectorSegments(store, folder_, kernels_));
    followed_ = follow_(store);
    return followed_.code() == StatusCode::kCancelled ? followed_ : OkStatus();
  }

  // What the last attempt came to.
  const Status& followed() const { return followed_; }

 private:
  std::filesystem::path folder_;
  const kernels::KernelSet& kernels_;
  Follow follow_;
  Status followed_;
};

}  // namespace

double BudgetSeconds(const IndexRequest& request, const Config& config) {
  return request.embedding_seconds.value_or(60.0 * config.budget_minutes.value);
}

// No value: there is none, and the index is built without vectors. That is an error only for who
// asked for a certain one. A run over the whole tree says so; a refresh does not, as the search
// that it serves says what the missing model means for the answer.
Result<std::optional<ModelChoice>> Engine::State::ChooseForIndexing(const Config& config,
                                                                    const IndexStore& store,
                                                                    bool whole_tree) {
  auto choice = ChooseFor(config, store);
  if (choice) return std::optional(*std::move(choice));
  if (choice.error().code() != StatusCode::kNotFound || ModelIsChosenNow(config)) {
    return choice.error();
  }
  if (whole_tree) Note(StrCat("lexical search only: ", choice.error().message()));
  return std::optional<ModelChoice>();
}

LogSink Engine::State::VectorLog(bool explain_budget) {
  return [this, explain_budget](LogLevel level, std::string_view text) {
    if (level != LogLevel::kWarning && !explain_budget) return;
    if (level != LogLevel::kDebug) NoteInReport(std::string(text));
    if (options.log) options.log(level, text);
  };
}

Result<IndexReport> Engine::Index(const IndexRequest& request, const ProgressSink& progress,
                                  const CancellationToken* cancel) {
  state_->notes.clear();
  auto report = state_->Build(request, progress, cancel);
  if (report) report->notes = std::move(state_->notes);
  return report;
}

Result<IndexReport> Engine::State::Build(const IndexRequest& request, const ProgressSink& progress,
                                         const CancellationToken* cancel, bool may_lag) {
  CODERANK_ASSIGN(const Config user_config, ConfigFor({}));
  const IndexLocator locator = LocatorFor(user_config);
  std::vector<std::string> found;
  CODERANK_ASSIGN(IndexLocation location, locator.ForRoot(request.directory, found));
  CODERANK_ASSIGN(const Config config, ConfigFor(location.root));
  Note(found);
  Note(config.notes);

  bool waiting = false;
  const auto on_wait = [&] {
    if (!waiting) Note(StrCat("another coderank writes ", location.folder, "; waiting"));
    waiting = true;
    if (progress) progress({.phase = IndexProgress::Phase::kWaiting});
    return !IsCancelled(cancel);
  };
  if (location.id.empty()) CODERANK_TRY(CheckModel(config));
  CODERANK_ASSIGN(IndexStore store, OpenIndexForWriting(locator, location, on_wait));
  const Status placed = PlaceVectors(store, location, request, user_config,
                                     may_lag ? Patience::kSearch : Patience::kWork, cancel);
  const bool left_in_files = may_lag && placed.code() == StatusCode::kUnavailable;
  if (!left_in_files) CODERANK_TRY(placed);
  if (left_in_files) Note(StrCat("vectors stay in files for now: ", placed.message()));
  auto report = RunIndexer(store,
                           {.location = location,
                            .config = config,
                            .walk_switches = WalkSwitches(request),
                            .embedding_seconds = BudgetSeconds(request, config),
                            .explain_budget = request.explain_budget,
                            .agreed = request.agreed,
                            .may_lag = may_lag},
                           progress, cancel);
  if (report && left_in_files) report->collection_behind = true;
  return report;
}

Result<IndexReport> Engine::State::RunIndexer(IndexStore& store, const RunSettings& settings,
                                              const ProgressSink& progress,
                                              const CancellationToken* cancel) {
  const Config& config = settings.config;
  const bool whole_tree = settings.changes == nullptr;
  CODERANK_ASSIGN(const auto choice, ChooseForIndexing(config, store, whole_tree));
  CODERANK_TRY(SetMetaWhereDifferent(store, kMetaWalkSwitches, settings.walk_switches));
  EmbeddingCache cache = CacheOf(config);
  IndexerOptions indexing{
      .root = settings.location.root,
      .walk = WalkOptionsOf(config, settings.walk_switches),
      .embedder = {},
      .embedding = {.kernels = kernels,
                    .cache = cache.max_bytes() == 0 ? nullptr : &cache,
                    .budget = std::chrono::duration<double>(settings.embedding_seconds),
                    .log = VectorLog(settings.explain_budget)}};
  std::optional<IndexCollection> collection;
  SegmentUpdater updater(settings.location.folder, *kernels, [&](IndexStore& committed) {
    return FollowInCollection(committed, settings, collection, progress, cancel);
  });
  indexing.observer = &updater;
  if (choice) {
    indexing.embedder = [&]() -> Result<std::optional<NamedEmbedder>> {
      CODERANK_ASSIGN(const auto model, LoadForIndexing(*choice, settings, store));
      if (model == nullptr) return std::optional<NamedEmbedder>();
      const auto& remote = model->installed.remote;
      return std::optional(NamedEmbedder{
          .embedder = model->embedder.get(),
          .name = choice->name,
          .max_tokens = choice->config.max_tokens.value,
          .usd_per_million_tokens = remote ? remote->access.usd_per_million_tokens : 0});
    };
  }
  const auto chunker = MakeChunker(config);
  Indexer indexer(store, *chunker, std::move(indexing));
  auto report = whole_tree ? indexer.Run(progress, cancel)
                           : indexer.RunFor(*settings.changes, progress, cancel);
  if (!report) return report;
  if (!updater.followed().ok()) {
    if (!settings.may_lag) return updater.followed();
    Note(updater.followed().message());
    report->collection_behind = true;
  }
  report->collection = std::move(collection);
  report->root = settings.location.root;
  report->index_folder = settings.location.folder;
  if (choice) report->model = choice->name;
  return report;
}

}  // namespace coderank
