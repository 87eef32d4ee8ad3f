// LoadTextEmbedder, apart from the class: the one place that needs the real tokenizers.
#include <utility>

#include "base/try.h"
#include "kernels/kernel_set.h"
#include "model/load_encoder.h"
#include "model/model_folder.h"
#include "model/text_embedder.h"

namespace coderank {

Result<std::unique_ptr<TextEmbedder>> LoadTextEmbedder(const std::filesystem::path& folder,
                                                       const ModelRecord& record, ThreadPool& pool,
                                                       const std::filesystem::path& pack_folder) {
  CODERANK_TRY(CheckModelKind(record, ModelKind::kEmbedder));
  CODERANK_ASSIGN(const kernels::KernelSet* kernels, kernels::ChooseKernels());
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
