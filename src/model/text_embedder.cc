#include "model/text_embedder.h"

#include <new>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "model/encoder_fit.h"

namespace coderank {

TextEmbedder::TextEmbedder(std::shared_ptr<const Tokenizer> tokenizer,
                           std::unique_ptr<SentenceEncoder> encoder, ModelRecord record,
                           ThreadPool& pool)
    : tokenizer_(std::move(tokenizer)),
      encoder_(std::move(encoder)),
      record_(std::move(record)),
      fingerprint_(record_.Fingerprint()),
      pool_(&pool) {}

Result<std::unique_ptr<TextEmbedder>> TextEmbedder::Make(std::unique_ptr<Tokenizer> tokenizer,
                                                         std::unique_ptr<SentenceEncoder> encoder,
                                                         ModelRecord record, ThreadPool& pool) {
  CODERANK_TRY(CheckTokenizerFits(*tokenizer, encoder->vocabulary_size(), record.name));
  return std::unique_ptr<TextEmbedder>(
      new TextEmbedder(std::move(tokenizer), std::move(encoder), std::move(record), pool));
}

std::unique_ptr<TextEmbedder> TextEmbedder::OnPool(ThreadPool& pool) const {
  return std::unique_ptr<TextEmbedder>(
      new TextEmbedder(tokenizer_, encoder_->OnPool(pool), record_, pool));
}

Result<Embedding> TextEmbedder::EmbedQuery(std::string_view text, EmbedOptions options,
                                           const CancellationToken* cancel) const {
  CODERANK_ASSIGN(auto embeddings, Embed(record_.query_prompt, {&text, 1}, options, cancel));
  return std::move(embeddings.front());
}

Result<std::vector<Embedding>> TextEmbedder::EmbedQueries(std::span<const std::string_view> texts,
                                                          EmbedOptions options,
                                                          const CancellationToken* cancel) const {
  return Embed(record_.query_prompt, texts, options, cancel);
}

Result<std::vector<Embedding>> TextEmbedder::EmbedDocuments(std::span<const std::string_view> texts,
                                                            EmbedOptions options,
                                                            const CancellationToken* cancel) const {
  return Embed(record_.document_prompt, texts, options, cancel);
}

Result<std::vector<Embedding>> TextEmbedder::Embed(const std::string& prompt,
                                                   std::span<const std::string_view> texts,
                                                   EmbedOptions options,
                                                   const CancellationToken* cancel) const {
  std::vector<Embedding> embeddings(texts.size());
  const auto tokenize = [&](size_t i) {
    Encoding encoding = tokenizer_->Encode(prompt + std::string(texts[i]), record_.max_length);
    embeddings[i].token_ids = std::move(encoding.ids);
    embeddings[i].truncated = encoding.truncated;
  };
  try {
    if (!pool_->ParallelFor(texts.size(), tokenize, cancel))
      return Cancelled("embedding was cancelled");
    std::vector<std::span<const int32_t>> sequences;
    sequences.reserve(texts.size());
    for (const Embedding& embedding : embeddings) sequences.emplace_back(embedding.token_ids);
    CODERANK_ASSIGN(auto vectors, encoder_->Encode(sequences, options, cancel));
    for (size_t i = 0; i < texts.size(); ++i) embeddings[i].vector = std::move(vectors[i]);
  } catch (const std::bad_alloc&) {
    return ResourceExhausted(
        StrCat("model ", record_.name, ": out of memory while embedding ", texts.size(), " texts"));
  }
  return embeddings;
}

}  // namespace coderank
