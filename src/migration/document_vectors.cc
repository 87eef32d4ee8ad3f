#include "migration/document_vectors.h"

#include <string_view>
#include <utility>

#include "base/sha256.h"
#include "base/strings.h"
#include "base/try.h"

namespace coderank {

Result<std::vector<DocumentVector>> DocumentVectors::Of(std::span<const std::string> texts,
                                                        const CancellationToken* cancel) {
  std::vector<DocumentVector> vectors(texts.size());
  TakeFromCache(texts, vectors);
  std::vector<std::string> missing;
  for (size_t i = 0; i < texts.size(); ++i) {
    if (vectors[i].vector.empty()) missing.push_back(texts[i]);
  }
  from_cache_ += texts.size() - missing.size();
  if (missing.empty()) return vectors;
  CODERANK_ASSIGN(std::vector<DocumentVector> made, Computed(missing, cancel));
  FillCache(missing, made);
  computed_ += made.size();
  size_t next = 0;
  for (DocumentVector& vector : vectors) {
    if (vector.vector.empty()) vector = std::move(made[next++]);
  }
  return vectors;
}

Result<std::vector<DocumentVector>> DocumentVectors::Computed(
    std::span<const std::string> texts, const CancellationToken* cancel) const {
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  CODERANK_ASSIGN(std::vector<Embedding> embeddings, embedder_.EmbedDocuments(views, cancel));
  std::vector<DocumentVector> vectors;
  vectors.reserve(embeddings.size());
  for (Embedding& embedding : embeddings) {
    vectors.push_back({.vector = std::move(embedding.vector),
                       .tokens = embedding.tokens,
                       .truncated = embedding.truncated});
  }
  return vectors;
}

void DocumentVectors::TakeFromCache(std::span<const std::string> texts,
                                    std::vector<DocumentVector>& vectors) {
  if (cache_ == nullptr) return;
  std::vector<Sha256Digest> hashes;
  hashes.reserve(texts.size());
  for (const std::string& text : texts) hashes.push_back(Sha256Of(text));
  const auto found = cache_->Find(embedder_.fingerprint(), embedder_.dimension(), hashes);
  if (!found) return WithoutCache(found.error());
  for (size_t i = 0; i < texts.size(); ++i) {
    const auto& known = (*found)[i];
    if (!known) continue;
    vectors[i].vector.resize(known->row.size());
    kernels_.f16_to_f32(known->row.data(), known->row.size(), vectors[i].vector.data());
    vectors[i].tokens = known->tokens;
    vectors[i].truncated = known->truncated;
  }
}

void DocumentVectors::FillCache(std::span<const std::string> texts,
                                std::span<const DocumentVector> vectors) {
  if (cache_ == nullptr) return;
  std::vector<CachedEmbedding> rows;
  for (size_t i = 0; i < texts.size(); ++i) {
    CachedEmbedding row{.sha256 = Sha256Of(texts[i]),
                        .row = std::vector<uint16_t>(vectors[i].vector.size()),
                        .tokens = vectors[i].tokens,
                        .truncated = vectors[i].truncated};
    kernels_.f32_to_f16(vectors[i].vector.data(), vectors[i].vector.size(), row.row.data());
    rows.push_back(std::move(row));
  }
  if (Status added = cache_->Add(embedder_.fingerprint(), rows); !added.ok()) WithoutCache(added);
}

// The cache only saves work, so its failure ends nothing but its use.
void DocumentVectors::WithoutCache(const Status& reason) {
  cache_ = nullptr;
  if (!log_) return;
  log_(LogLevel::kWarning, StrCat("the embedding cache is not used: ", reason.message()));
}

}  // namespace coderank
