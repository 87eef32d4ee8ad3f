// LoadCrossEncoder, apart from the class: the one place that needs the real tokenizers and weights.
#include <new>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "model/architectures.h"
#include "model/bert.h"
#include "model/cross_encoder.h"
#include "model/encoder_fit.h"
#include "model/float_layers.h"
#include "model/load_encoder.h"
#include "model/model_folder.h"
#include "model/packed_layers.h"
#include "model/weight_files.h"

namespace coderank {
namespace {

struct Source {
  const std::filesystem::path& folder;
  const ModelRecord& record;
  const kernels::KernelSet& kernels;
  ThreadPool& pool;
};

Result<std::unique_ptr<CrossEncoder>> MakeFrom(const Source& source, LayerSource& layers,
                                               std::unique_ptr<Tokenizer> tokenizer) {
  const ModelRecord& record = source.record;
  CODERANK_ASSIGN(const JsonConfig config,
                  LoadModelConfig(source.folder / record.transformer_folder));
  CODERANK_ASSIGN(auto encoder, LoadBert(config, layers, source.kernels));
  CODERANK_TRY(CheckEncoderFits(*encoder, record));
  CODERANK_ASSIGN(PairHead head, LoadBertPairHead(config, layers, source.kernels));
  return CrossEncoder::Make(std::move(tokenizer), std::move(encoder), std::move(head), record,
                            source.pool);
}

Result<std::unique_ptr<CrossEncoder>> Load(const Source& source,
                                           const std::filesystem::path& pack_folder) {
  const auto& [folder, record, kernels, pool] = source;
  const std::filesystem::path transformer = folder / record.transformer_folder;
  CODERANK_ASSIGN(auto tokenizer, LoadModelTokenizer(transformer));
  if (record.precision == kPrecisionFloat) {
    CODERANK_ASSIGN(const WeightFiles files, WeightFiles::Open(transformer));
    FloatLayers layers(files, kernels);
    return MakeFrom(source, layers, std::move(tokenizer));
  }
  CODERANK_ASSIGN(auto packed,
                  OpenPackedModel(folder, pack_folder, record, *tokenizer, kernels, pool));
  PackedLayers layers(std::move(packed), kernels);
  return MakeFrom(source, layers, std::move(tokenizer));
}

}  // namespace

Result<std::unique_ptr<CrossEncoder>> LoadCrossEncoder(const std::filesystem::path& folder,
                                                       const ModelRecord& record,
                                                       const kernels::KernelSet& kernels,
                                                       ThreadPool& pool,
                                                       const std::filesystem::path& pack_folder) {
  CODERANK_TRY(CheckModelKind(record, ModelKind::kCrossEncoder));
  CODERANK_TRY(CheckModelFileSizes(folder, record));
  try {
    return Load({folder, record, kernels, pool}, pack_folder);
  } catch (const std::bad_alloc&) {
    return ResourceExhausted(StrCat("model ", record.name, ": out of memory while loading"));
  }
}

}  // namespace coderank
