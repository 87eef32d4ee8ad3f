// Engine: a collection's texts to a bigger machine, their vectors back.
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "engine/engine_state.h"
#include "engine/vector_exchange.h"
#include "migration/text_key.h"
#include "qdrant/point_cursor.h"

namespace coderank {
namespace {

// Texts looked up in the cache, and vectors put into it, together.
constexpr size_t kBatch = 2048;

// Other programs compute in f32 or less, never in our int8: another fingerprint.
Config WithFloat(Config config) {
  config.precision.value = kPrecisionFloat;
  return config;
}

struct PendingTexts {
  std::vector<Sha256Digest> hashes;
  std::vector<std::string> texts;
};

// Writes those that the cache does not know.
Status WriteNew(PendingTexts& pending, const Embedder& embedder, EmbeddingCache& cache,
                TextFileWriter& writer, uint64_t& written) {
  std::vector<std::optional<CachedEmbedding>> known(pending.hashes.size());
  if (cache.max_bytes() > 0) {
    CODERANK_ASSIGN(known,
                    cache.Find(embedder.fingerprint(), embedder.dimension(), pending.hashes));
  }
  for (size_t i = 0; i < known.size(); ++i) {
    if (known[i]) continue;
    CODERANK_TRY(writer.Write(pending.hashes[i], pending.texts[i]));
    ++written;
  }
  pending = {};
  return OkStatus();
}

}  // namespace

Result<CollectionExportReport> Engine::ExportCollection(const std::string& name,
                                                        const std::string& text_key,
                                                        const std::filesystem::path& file,
                                                        const CancellationToken* cancel) {
  CODERANK_ASSIGN(const Config user_config, state_->ConfigFor({}));
  const Config config = WithFloat(user_config);
  CODERANK_ASSIGN(qdrant::Client client, state_->OpenQdrant(config, cancel));
  CODERANK_ASSIGN(const NamedCollection found, NamedCollection::Find(client, name));
  CODERANK_ASSIGN(const auto sample, FirstPoints(client, found.name));
  CollectionExportReport report{.file = file, .model = {}, .text_key = {}};
  CODERANK_ASSIGN(report.text_key, ChooseTextKey(sample, text_key, name));
  CODERANK_ASSIGN(report.model, state_->ChooseModel(config, ""));
  CODERANK_ASSIGN(const auto model, state_->Load(config, report.model));
  const ModelSummary summary = Summarise(model->installed);
  CODERANK_ASSIGN(TextFileWriter writer,
                  TextFileWriter::Create(file, {.fingerprint = model->embedder->fingerprint(),
                                                .name = report.model,
                                                .dimension = model->embedder->dimension(),
                                                .document_prompt = summary.document_prompt,
                                                .pooling = summary.pooling,
                                                .max_tokens = summary.max_tokens}));
  EmbeddingCache cache = state_->CacheOf(config);
  std::unordered_set<std::string> seen;  // hashes, in hex
  PendingTexts pending;
  for (qdrant::PointCursor cursor(client, found.name);; cursor.Advance()) {
    CODERANK_ASSIGN(const qdrant::Point* const point, cursor.Current());
    if (point == nullptr || pending.texts.size() == kBatch) {
      CODERANK_TRY(WriteNew(pending, *model->embedder, cache, writer, report.texts));
    }
    if (point == nullptr) break;
    ++report.points;
    std::string text = TextOf(*point, report.text_key);
    const Sha256Digest hash = Sha256Of(text);
    if (text.empty() || !seen.insert(ToHex(hash)).second) continue;
    pending.hashes.push_back(hash);
    pending.texts.push_back(std::move(text));
  }
  CODERANK_TRY(writer.Close());
  return report;
}

Result<VectorsCachedReport> Engine::CacheVectors(const std::filesystem::path& file,
                                                 const CancellationToken* cancel) {
  CODERANK_ASSIGN(const Config user_config, state_->ConfigFor({}));
  const Config config = WithFloat(user_config);
  EmbeddingCache cache = state_->CacheOf(config);
  if (cache.max_bytes() == 0) {
    return FailedPrecondition(
        "the embedding cache is switched off (max_bytes = 0 in [cache] of config.toml); the "
        "vectors would have no place");
  }
  VectorsCachedReport report;
  CODERANK_ASSIGN(report.model, state_->ChooseModel(config, ""));
  CODERANK_ASSIGN(const auto model, state_->Load(config, report.model));
  const std::string& fingerprint = model->embedder->fingerprint();
  CODERANK_ASSIGN(VectorFileReader reader,
                  VectorFileReader::Open(file, fingerprint, model->embedder->dimension()));
  std::vector<CachedEmbedding> rows;
  ImportedVector vector;
  for (bool more = true; more;) {
    if (IsCancelled(cancel)) return Cancelled("the import was cancelled");
    CODERANK_ASSIGN(more, reader.Next(vector));
    if (more) {
      rows.push_back(CachedOf(vector, *state_->kernels));
      ++report.vectors;
    }
    if (rows.size() < kBatch && more) continue;
    CODERANK_TRY(cache.Add(fingerprint, std::exchange(rows, {})));
  }
  return report;
}

}  // namespace coderank
