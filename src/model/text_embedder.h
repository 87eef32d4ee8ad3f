// TextEmbedder: the local Embedder; a tokenizer and a SentenceEncoder under one model record.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "embed/embedder.h"
#include "model/model_record.h"
#include "model/sentence_encoder.h"
#include "tokenizer/tokenizer.h"

namespace coderank {

// Thread-safe, as every Embedder.
class TextEmbedder : public Embedder {
 public:
  // kInvalidArgument if the tokenizer can give ids that the encoder has no vector for.
  static Result<std::unique_ptr<TextEmbedder>> Make(std::unique_ptr<Tokenizer> tokenizer,
                                                    std::unique_ptr<SentenceEncoder> encoder,
                                                    ModelRecord record, ThreadPool& pool);

  size_t dimension() const override { return encoder_->dimension(); }
  const std::string& fingerprint() const override { return fingerprint_; }
  const ModelRecord& record() const { return record_; }

  Result<std::vector<Embedding>> Embed(TextRole role, std::span<const std::string_view> texts,
                                       EmbedOptions options,
                                       const CancellationToken* cancel) const override;
  std::unique_ptr<Embedder> OnPool(ThreadPool& pool) const override;

 private:
  TextEmbedder(std::shared_ptr<const Tokenizer> tokenizer, std::unique_ptr<SentenceEncoder> encoder,
               ModelRecord record, ThreadPool& pool);

  std::shared_ptr<const Tokenizer> tokenizer_;
  std::unique_ptr<SentenceEncoder> encoder_;
  ModelRecord record_;
  std::string fingerprint_;
  ThreadPool* pool_;
};

// Loads a model for this machine's instruction set (kernels::ChooseKernels). `pool` must outlive
// the result. File sizes are checked, hashes are not (see VerifyModelFiles). An int8 model is
// packed first where that has not been done (OpenPackedModel): beside its record or, where that
// cannot be written, in `pack_folder`.
Result<std::unique_ptr<TextEmbedder>> LoadTextEmbedder(const std::filesystem::path& folder,
                                                       const ModelRecord& record, ThreadPool& pool,
                                                       const std::filesystem::path& pack_folder);

}  // namespace coderank
