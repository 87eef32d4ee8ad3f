// Engine: texts to a bigger machine, their vectors back.
#include <utility>
#include <vector>

#include "base/function_ref.h"
#include "base/strings.h"
#include "base/try.h"
#include "engine/engine_state.h"
#include "engine/index_access.h"
#include "engine/vector_exchange.h"
#include "search/index_segments.h"

namespace coderank {
namespace {

// Texts and vectors are read and committed together by this many.
constexpr size_t kBatch = 512;

Status NoTextsYet(const std::filesystem::path& directory) {
  return NotFound(StrCat(directory, ": no index covers it; `coderank index --budget 1 ", directory,
                         "` cuts its files"));
}

// Other programs compute in f32 or less, never in our int8: another fingerprint. An index that has
// no vectors yet can still become one of f32.
Result<Config> WithFloat(Config config, const IndexStore& store) {
  CODERANK_ASSIGN(const std::string fingerprint, store.Meta(kMetaFingerprint));
  if (fingerprint.empty() && config.precision.origin == "default") {
    config.precision.value = kPrecisionFloat;
  }
  return config;
}

Status CheckPrecision(const Config& config) {
  if (config.precision.value == kPrecisionFloat) return OkStatus();
  return FailedPrecondition(
      "vectors of another machine are f32, and the vectors of this index are int8; begin an index "
      "of "
      "f32 with `coderank clear` and `coderank index --precision f32 --budget 1`");
}

Status Record(IndexStore& store, const ModelChoice& choice, const std::string& fingerprint) {
  CODERANK_ASSIGN(Transaction transaction, store.Begin());
  CODERANK_TRY(SetMetaWhereDifferent(store, kMetaModel, choice.name));
  CODERANK_TRY(SetMetaWhereDifferent(store, kMetaFingerprint, fingerprint));
  CODERANK_TRY(
      SetMetaWhereDifferent(store, kMetaMaxTokens, std::to_string(choice.config.max_tokens.value)));
  return transaction.Commit();
}

// A batch of vectors that came in, for the index and for the cache.
Status StoreBatch(IndexStore& store, const kernels::KernelSet& kernels,
                  std::span<const ImportedVector> batch, std::vector<CachedEmbedding>& to_cache,
                  ImportReport& report) {
  CODERANK_ASSIGN(Transaction transaction, store.Begin());
  for (const ImportedVector& vector : batch) {
    CachedEmbedding embedding = CachedOf(vector, kernels);
    CODERANK_ASSIGN(const auto text_id, store.PendingTextOf(vector.sha256));
    if (text_id) {
      CODERANK_TRY(store.StoreVector(*text_id, embedding.row, vector.tokens, vector.truncated));
      ++report.stored;
    }
    to_cache.push_back(std::move(embedding));
  }
  report.vectors += batch.size();
  return transaction.Commit();
}

}  // namespace

// An index that texts leave and vectors come to, and the model they are for.
struct Engine::State::Exchange {
  IndexLocation location;
  Config config;
  IndexStore store;  // open for writing
  ModelChoice choice;

  // Waits for other writers until `on_wait` says false.
  static Result<Exchange> Open(State& state, const std::filesystem::path& directory,
                               FunctionRef<bool()> on_wait) {
    CODERANK_ASSIGN(auto location, state.FindIndex(directory));
    if (!location) return NoTextsYet(directory);
    CODERANK_ASSIGN(Config config, state.ConfigFor(location->root));
    CODERANK_ASSIGN(const Config user_config, state.ConfigFor({}));
    CODERANK_ASSIGN(IndexStore store,
                    OpenIndexForWriting(state.LocatorFor(user_config), *location, on_wait));
    CODERANK_ASSIGN(const Config as_float, WithFloat(config, store));
    CODERANK_ASSIGN(ModelChoice choice, state.ChooseFor(as_float, store));
    return Exchange{.location = *std::move(location),
                    .config = std::move(config),
                    .store = std::move(store),
                    .choice = std::move(choice)};
  }
};

Result<ExportReport> Engine::ExportTexts(const std::filesystem::path& directory,
                                         const std::filesystem::path& file,
                                         const CancellationToken* cancel) {
  const auto on_wait = [cancel] { return !IsCancelled(cancel); };
  CODERANK_ASSIGN(State::Exchange exchange, State::Exchange::Open(*state_, directory, on_wait));
  auto& [location, config, store, choice] = exchange;
  CODERANK_TRY(CheckPrecision(choice.config));
  CODERANK_ASSIGN(const auto model, state_->Load(choice.config, choice.name));
  const ModelRecord& record = model->installed.record;
  const std::string& fingerprint = model->embedder->fingerprint();
  CODERANK_TRY(Record(store, choice, fingerprint));  // what comes back must fit
  const ModelSummary summary = Summarise(model->installed);
  CODERANK_ASSIGN(TextFileWriter writer,
                  TextFileWriter::Create(file, {.fingerprint = fingerprint,
                                                .name = choice.name,
                                                .dimension = model->embedder->dimension(),
                                                .document_prompt = record.document_prompt,
                                                .pooling = summary.pooling,
                                                .max_tokens = summary.max_tokens}));
  ExportReport report{.file = file, .model = choice.name};
  for (int64_t last = 0;;) {
    if (!on_wait()) return Cancelled("the export was cancelled");
    CODERANK_ASSIGN(const auto batch, store.Pending(last, kBatch));
    if (batch.empty()) break;
    for (const PendingText& text : batch) {
      CODERANK_TRY(writer.Write(Sha256Of(text.text), text.text));
    }
    last = batch.back().id;
    report.texts += batch.size();
  }
  CODERANK_TRY(writer.Close());
  return report;
}

Result<ImportReport> Engine::ImportVectors(const std::filesystem::path& directory,
                                           const std::filesystem::path& file,
                                           const CancellationToken* cancel) {
  const auto on_wait = [cancel] { return !IsCancelled(cancel); };
  CODERANK_ASSIGN(State::Exchange exchange, State::Exchange::Open(*state_, directory, on_wait));
  auto& [location, config, store, choice] = exchange;
  CODERANK_ASSIGN(const auto model, state_->Load(choice.config, choice.name));
  const std::string& fingerprint = model->embedder->fingerprint();
  CODERANK_ASSIGN(VectorFileReader reader,
                  VectorFileReader::Open(file, fingerprint, model->embedder->dimension()));
  CODERANK_TRY(Record(store, choice, fingerprint));
  ImportReport report{.model = choice.name};
  std::vector<CachedEmbedding> to_cache;
  for (bool more = true; more;) {
    if (!on_wait()) return Cancelled("the import was cancelled; what was read is kept");
    std::vector<ImportedVector> batch;
    ImportedVector vector;
    while (batch.size() < kBatch) {
      CODERANK_ASSIGN(more, reader.Next(vector));
      if (!more) break;
      batch.push_back(std::move(vector));
    }
    CODERANK_TRY(StoreBatch(store, *state_->kernels, batch, to_cache, report));
    if (to_cache.size() < 8 * kBatch && more) continue;
    EmbeddingCache cache = state_->CacheOf(config);
    const Status cached =
        cache.max_bytes() == 0 ? OkStatus() : cache.Add(fingerprint, std::exchange(to_cache, {}));
    if (!cached.ok()) state_->Note(StrCat("the embedding cache is not used: ", cached.message()));
  }
  CODERANK_TRY(UpdateVectorSegments(store, location.folder, *state_->kernels));
  std::optional<IndexCollection> collection;
  CODERANK_TRY(state_->FollowInCollection(
      store, {.location = location, .config = config, .walk_switches = {}}, collection, {},
      cancel));
  CODERANK_ASSIGN(const StoreCounts counts, store.Count());
  CODERANK_ASSIGN(const std::string indexed_at, store.Meta(kMetaIndexedAt));
  report.coverage = CoverageOf(counts, !indexed_at.empty());
  return report;
}

}  // namespace coderank
