// LoadTextEmbedder, apart from the class: the one place that needs the real tokenizers.
#include <utility>

#include "base/try.h"
#include "kernels/kernel_set.h"
#include "model/causal_encoder.h"
#include "model/encoder_fit.h"
#include "model/llama_config.h"
#include "model/load_decoder.h"
#include "model/load_encoder.h"
#include "model/model_folder.h"
#include "model/text_embedder.h"

namespace coderank {

namespace {

Result<std::unique_ptr<TextEmbedder>> LoadDecoderEmbedder(
    const std::filesystem::path& folder, const ModelRecord& record,
    const kernels::KernelSet& kernels, ThreadPool& pool, const std::filesystem::path& pack_folder) {
  CODERANK_ASSIGN(auto tokenizer, LoadDecoderTokenizer(folder / record.transformer_folder));
  CODERANK_ASSIGN(auto decoder, LoadInstalledDecoder(folder, record, kernels, pool, pack_folder));
  std::shared_ptr<const Encoder> encoder = MakeCausalEncoder(std::move(decoder));
  CODERANK_TRY(CheckEncoderFits(*encoder, record));
  return TextEmbedder::Make(
      AsTextTokenizer(std::move(tokenizer)),
      std::make_unique<SentenceEncoder>(std::move(encoder), record, kernels, pool), record, pool);
}

}  // namespace

Result<std::unique_ptr<TextEmbedder>> LoadTextEmbedder(const std::filesystem::path& folder,
                                                       const ModelRecord& record, ThreadPool& pool,
                                                       const std::filesystem::path& pack_folder) {
  CODERANK_TRY(CheckModelKind(record, ModelKind::kEmbedder));
  CODERANK_ASSIGN(const kernels::KernelSet* kernels, kernels::ChooseKernels());
  if (IsDecoder(record.architecture)) {
    return LoadDecoderEmbedder(folder, record, *kernels, pool, pack_folder);
  }
  CODERANK_ASSIGN(auto tokenizer, LoadModelTokenizer(folder / record.transformer_folder));
  std::unique_ptr<SentenceEncoder> encoder;
  if (record.precision == kPrecisionFloat) {
    CODERANK_ASSIGN(encoder, LoadSentenceEncoder(folder, record, *kernels, pool));
  } else {
    CODERANK_ASSIGN(auto packed,
                    OpenPackedModel(folder, pack_folder, record, *tokenizer, *kernels, pool));
    CODERANK_ASSIGN(encoder, LoadPackedEncoder(folder, record, std::move(packed), *kernels, pool));
  }
  return TextEmbedder::Make(std::move(tokenizer), std::move(encoder), record, pool);
}

}  // namespace coderank
