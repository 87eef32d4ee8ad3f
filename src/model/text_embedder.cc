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

std::unique_ptr<Embedder> TextEmbedder::OnPool(ThreadPool& pool) const {
  return std::unique_ptr<Embedder>(
      new TextEmbedder(tokenizer_, encoder_->OnPool(pool), record_, pool));
}

// Prompt and text are tokenised as one string.
Result<std::vector<Embedding>> TextEmbedder::Embed(TextRole role,
                                                   std::span<const std::string_view> texts,
                                                   EmbedOptions options,
                                                   const CancellationToken* cancel) const {
  const std::string& prompt =
      role == TextRole::kQuery ? record_.query_prompt : record_.document_prompt;
  std::vector<Embedding> embeddings(texts.size());
  const auto tokenize = [&](size_t i) {
    Encoding encoding = tokenizer_->Encode(prompt + std::string(texts[i]), record_.max_length);
    embeddings[i].token_ids = std::move(encoding.ids);
    embeddings[i].tokens = static_cast<uint32_t>(embeddings[i].token_ids.size());
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
