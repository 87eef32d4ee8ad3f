#include "model/sentence_encoder.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <new>
#include <utility>

#include "base/strings.h"
#include "base/try.h"

namespace coderank {
namespace {

bool AllFinite(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
}

}  // namespace

SentenceEncoder::SentenceEncoder(std::shared_ptr<const Encoder> encoder, const ModelRecord& record,
                                 const kernels::KernelSet& kernels, ThreadPool& pool)
    : SentenceEncoder(std::move(encoder), record.name, record.pooling, kernels, pool) {}

SentenceEncoder::SentenceEncoder(std::shared_ptr<const Encoder> encoder, std::string model_name,
                                 Pooling pooling, const kernels::KernelSet& kernels,
                                 ThreadPool& pool)
    : runner_(std::move(encoder), std::move(model_name), pool),
      pooling_(pooling),
      kernels_(&kernels) {}

std::unique_ptr<SentenceEncoder> SentenceEncoder::OnPool(ThreadPool& pool) const {
  return std::unique_ptr<SentenceEncoder>(new SentenceEncoder(
      runner_.shared_encoder(), runner_.model_name(), pooling_, *kernels_, pool));
}

Result<std::vector<std::vector<float>>> SentenceEncoder::Encode(
    std::span<const std::span<const int32_t>> sequences, EmbedOptions options,
    const CancellationToken* cancel) const {
  std::vector<std::vector<float>> vectors(sequences.size());
  std::atomic<bool> finite{true};
  const auto pool = [&](size_t index, const float* states, size_t tokens) {
    std::vector<float>& vector = vectors[index];
    vector.resize(dimension());
    Pool(*kernels_, pooling_, states, tokens, vector);
    if (options.normalize) NormalizeL2(vector);
    if (!AllFinite(vector)) finite = false;
  };
  try {
    const std::vector<TokenSequence> texts(sequences.begin(), sequences.end());
    const States wanted = pooling_ == Pooling::kCls ? States::kFirst : States::kAll;
    CODERANK_TRY(runner_.Run(texts, wanted, pool, cancel));
  } catch (const std::bad_alloc&) {
    return ResourceExhausted(StrCat("model ", runner_.model_name(),
                                    ": out of memory while embedding ", sequences.size(),
                                    " texts"));
  }
  if (!finite) {
    return Corrupt(StrCat("model ", runner_.model_name(),
                          ": a vector is not finite: the weights overflow "
                          "f32 on this text; run `coderank model verify`"));
  }
  return vectors;
}

}  // namespace coderank
