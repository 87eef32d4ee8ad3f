#include "model/causal_encoder.h"

#include <algorithm>
#include <utility>

#include "base/try.h"
#include "model/llama.h"

namespace coderank {
namespace {

class CausalEncoder : public Encoder {
 public:
  explicit CausalEncoder(std::shared_ptr<const Decoder> decoder) : decoder_(std::move(decoder)) {}

  size_t hidden_size() const override { return decoder_->hidden_size(); }
  size_t vocabulary_size() const override { return decoder_->vocabulary_size(); }
  size_t max_positions() const override { return decoder_->max_positions(); }

  // The memory of a pass is small beside its work, so it is taken anew each time.
  const float* Forward(const TokenBatch& batch, States wanted, ThreadPool* pool,
                       nn::Workspace& workspace) const override {
    const size_t hidden = hidden_size();
    float* states = workspace.hidden.Reserve(batch.ids.size() * hidden);
    nn::DecoderWorkspace scratch;
    for (size_t s = 0; s < batch.sequences(); ++s) {
      const size_t begin = batch.offsets[s];
      const size_t tokens = batch.offsets[s + 1] - begin;
      nn::KvCache cache = decoder_->MakeCache(tokens);
      for (size_t done = 0; done < tokens;) {
        const auto part =
            std::span(batch.ids).subspan(begin + done, std::min(kChunk, tokens - done));
        const float* made = decoder_->Forward(part, pool, cache, scratch);
        std::copy_n(made, part.size() * hidden, states + (begin + done) * hidden);
        done += part.size();
      }
    }
    if (wanted == States::kFirst) KeepFirstRows(batch, hidden, states);
    return states;
  }

 private:
  // Tokens of a pass, as for texts that grow (generator.cc).
  static constexpr size_t kChunk = 256;

  std::shared_ptr<const Decoder> decoder_;
};

}  // namespace

std::unique_ptr<Encoder> MakeCausalEncoder(std::shared_ptr<const Decoder> decoder) {
  return std::make_unique<CausalEncoder>(std::move(decoder));
}

Result<std::unique_ptr<Encoder>> LoadCausalEncoder(const JsonConfig& config, LayerSource& layers,
                                                   const kernels::KernelSet& kernels) {
  CODERANK_ASSIGN(std::shared_ptr<const Decoder> decoder, LoadLlama(config, layers, kernels));
  return MakeCausalEncoder(std::move(decoder));
}

}  // namespace coderank
