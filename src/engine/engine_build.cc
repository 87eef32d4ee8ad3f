// Engine: building and refreshing an index.
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

double BudgetSeconds(const IndexRequest& request, const Config& config) {
  return request.embedding_seconds.value_or(60.0 * config.budget_minutes.value);
}

// Keeps the files that searches read up to date with what a run commits.
class SegmentUpdater : public IndexObserver {
 public:
  SegmentUpdater(std::filesystem::path folder, const kernels::KernelSet& kernels)
      : folder_(std::move(folder)), kernels_(kernels) {}

  Status OnScanned(IndexStore& store) override { return UpdateLexicalSegments(store, folder_); }
  Status OnEmbedded(IndexStore& store) override {
    return UpdateVectorSegments(store, folder_, kernels_);
  }

 private:
  std::filesystem::path folder_;
  const kernels::KernelSet& kernels_;
};

}  // namespace

// No value: there is none, and the index is built without vectors. That is an error only for who
// asked for a certain one.
Result<std::optional<ModelChoice>> Engine::State::ChooseForIndexing(const Config& config,
                                                                    const IndexStore& store) {
  auto choice = ChooseFor(config, store);
  if (choice) return std::optional(*std::move(choice));
  if (choice.error().code() != StatusCode::kNotFound || ModelIsChosenNow(config)) {
    return choice.error();
  }
  Note(StrCat("lexical search only: ", choice.error().message()));
  return std::optional<ModelChoice>();
}

Result<IndexReport> Engine::Index(const IndexRequest& request, const ProgressSink& progress,
                                  const CancellationToken* cancel) {
  CODERANK_ASSIGN(const Config user_config, state_->ConfigFor({}));
  const IndexLocator locator = state_->LocatorFor(user_config);
  std::vector<std::string> notes;
  CODERANK_ASSIGN(IndexLocation location, locator.ForRoot(request.directory, notes));
  CODERANK_ASSIGN(const Config config, state_->ConfigFor(location.root));
  state_->Note(notes);
  state_->Note(config.notes);

  bool waiting = false;
  const auto on_wait = [&] {
    if (!waiting) state_->Note(StrCat("another coderank writes ", location.folder, "; waiting"));
    waiting = true;
    if (progress) progress({.phase = IndexProgress::Phase::kWaiting});
    return cancel == nullptr || !cancel->IsCancelled();
  };
  if (location.id.empty()) CODERANK_TRY(state_->CheckModel(config));
  CODERANK_ASSIGN(IndexStore store, OpenIndexForWriting(locator, location, on_wait));
  CODERANK_ASSIGN(const auto choice, state_->ChooseForIndexing(config, store));
  const std::string switches = WalkSwitches(request);
  CODERANK_TRY(SetMetaWhereDifferent(store, kMetaWalkSwitches, switches));

  EmbeddingCache cache = state_->CacheOf(config);
  IndexerOptions options{
      .root = location.root,
      .walk = WalkOptionsOf(config, switches),
      .embedder = {},
      .embedding = {.kernels = state_->kernels,
                    .cache = cache.max_bytes() == 0 ? nullptr : &cache,
                    .budget = std::chrono::duration<double>(BudgetSeconds(request, config)),
                    .log = state_->options.log}};
  SegmentUpdater updater(location.folder, *state_->kernels);
  options.observer = &updater;
  if (choice) {
    options.embedder = [this, &choice]() -> Result<NamedEmbedder> {
      CODERANK_ASSIGN(const auto model, state_->Load(choice->config, choice->name));
      return NamedEmbedder{.embedder = model->embedder.get(), .name = choice->name};
    };
  }
  const auto chunker = state_->MakeChunker(config);
  Indexer indexer(store, *chunker, std::move(options));
  CODERANK_ASSIGN(IndexReport report, indexer.Run(progress, cancel));
  report.root = location.root;
  report.index_folder = location.folder;
  if (choice) report.model = choice->name;
  return report;
}

}  // namespace coderank
