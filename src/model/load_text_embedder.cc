// LoadTextEmbedder, apart from the class: the one place that needs the real tokenizers.
#include <utility>

#include "base/try.h"
#include "kernels/kernel_set.h"
#include "model/model_folder.h"
#include "model/text_embedder.h"

namespace coderank {

Result<std::unique_ptr<TextEmbedder>> LoadTextEmbedder(const std::filesystem::path& folder,
                                                       const ModelRecord& record,
                                                       ThreadPool& pool) {
  CODERANK_ASSIGN(const kernels::KernelSet* kernels, kernels::ChooseKernels());
  CODERANK_ASSIGN(auto encoder, LoadSentenceEncoder(folder, record, *kernels, pool));
  CODERANK_ASSIGN(auto tokenizer, LoadModelTokenizer(folder / record.transformer_folder));
  return TextEmbedder::Make(std::move(tokenizer), std::move(encoder), record, pool);
}

}  // namespace coderank
