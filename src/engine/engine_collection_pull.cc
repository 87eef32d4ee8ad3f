// Engine: vectors of a collection into the embedding cache.
#include "base/strings.h"
#include "base/try.h"
#include "engine/engine_state.h"
#include "migration/collection_mark.h"
#include "migration/document_vectors.h"
#include "migration/sample_check.h"
#include "migration/vector_pull.h"

namespace coderank {
namespace {

Status OtherModel(const NamedCollection& collection, const CollectionMark& mark,
                  const LoadedModel& model) {
  return FailedPrecondition(
      StrCat(collection.asked, ": its vectors are of model ", mark.model, " with fingerprint ",
             mark.fingerprint.substr(0, 12), ", found ", model.installed.record.name, " with ",
             model.embedder->fingerprint().substr(0, 12),
             "; use the --precision and --max-tokens that they were made with"));
}

}  // namespace

// Vectors in the cache serve every tree, so what a server says of them is not enough.
Result<VectorPullReport> Engine::PullVectors(const std::string& name,
                                             const CancellationToken* cancel) {
  CODERANK_ASSIGN(const Config user_config, state_->ConfigFor({}));
  CODERANK_ASSIGN(qdrant::Client client, state_->OpenQdrant(user_config, cancel));
  CODERANK_ASSIGN(const NamedCollection found, NamedCollection::Find(client, name));
  CODERANK_ASSIGN(const qdrant::VectorField field, found.SearchedVector());
  const auto mark = MarkFrom(found.info.metadata);
  if (!mark) {
    return FailedPrecondition(
        StrCat(name, ": coderank did not make it, so nothing says which model its vectors are of"));
  }
  EmbeddingCache cache = state_->CacheOf(user_config);
  if (cache.max_bytes() == 0) {
    return FailedPrecondition(
        "the embedding cache is switched off (max_bytes = 0 in [cache] of config.toml); the "
        "vectors would have no place");
  }
  const Config config =
      state_->AsIndexed(user_config, mark->model, {.fingerprint = mark->fingerprint});
  CODERANK_ASSIGN(const CollectionModel chosen,
                  state_->ModelOfCollection(config, client, found, mark->text_key));
  const Embedder& embedder = *chosen.model->embedder;
  if (embedder.fingerprint() != mark->fingerprint) return OtherModel(found, *mark, *chosen.model);
  const DocumentVectors vectors(embedder, *state_->kernels, nullptr, {});
  CODERANK_ASSIGN(const SampleCheck sample,
                  CheckSample(client, vectors, found.name, field.name, mark->text_key, cancel));
  if (sample.least_cosine < kSameVector) {
    return FailedPrecondition(StrCat(name, ": point ", sample.worst,
                                     ": the cosine of its vector and of the one that ", mark->model,
                                     " makes of its text is ", sample.least_cosine,
                                     ", expected at least ", kSameVector, "; nothing was taken"));
  }
  CODERANK_ASSIGN(const PullCounts pulled, coderank::PullVectors(client,
                                                                 {.collection = found.name,
                                                                  .text_key = mark->text_key,
                                                                  .vector_name = field.name,
                                                                  .dimension = embedder.dimension(),
                                                                  .fingerprint = mark->fingerprint},
                                                                 *state_->kernels, cache, cancel));
  return VectorPullReport{
      .collection = name, .model = mark->model, .points = pulled.points, .vectors = pulled.vectors};
}

}  // namespace coderank
