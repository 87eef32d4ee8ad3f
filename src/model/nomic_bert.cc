// The forward pass of NomicBERT (Nussbaum et al., 2024): BERT with rotary positions, a gated MLP
// and no biases in its linear layers.
//
//   x = LayerNorm(word[id] + type[0])
//   for each layer:
//     q, k, v = x Wqkv                                       per head of hidden / heads
//     q, k = rotary(q), rotary(k)                            positions 0, 1, ...
//     a = softmax(q k^T / sqrt(head size)) v
//     x = LayerNorm(x + a Wo)
//     x = LayerNorm(x + ((x W11) * silu(x W12)) W2)
#include "model/nomic_bert.h"

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "nn/attention.h"
#include "nn/layer_norm.h"
#include "nn/projection.h"
#include "nn/rotary.h"
#include "nn/row_blocks.h"

namespace coderank {
namespace {

// Sanity limits far above any NomicBERT (768 x 12), so that sizes cannot overflow. Positions cost
// memory (nn::Rotary): the limit is what the published models have.
constexpr uint64_t kMaxHidden = 1 << 14;
constexpr uint64_t kMaxLayers = 256;
constexpr uint64_t kMaxInner = 1 << 16;
constexpr uint64_t kMaxPositions = 1 << 13;
constexpr uint64_t kMaxVocabulary = 1 << 22;
constexpr uint64_t kMaxTypes = 1 << 10;

struct NomicBertConfig {
  size_t hidden;
  size_t layers;
  size_t heads;
  size_t inner;
  size_t positions;
  size_t types;  // 0: no type embedding
  size_t vocabulary;
  float epsilon;
  float rotary_base;
};

struct NomicBertLayer {
  std::unique_ptr<nn::Projection> qkv;
  std::unique_ptr<nn::Projection> attention_output;
  nn::LayerNorm attention_norm;
  std::unique_ptr<nn::Projection> gated;  // (x W11) * silu(x W12)
  std::unique_ptr<nn::Projection> down;   // W2
  nn::LayerNorm output_norm;
};

struct NomicBertWeights {
  bool rounded;  // LayerSource::rounded()
  nn::Embedding word;
  std::vector<float> type;  // [hidden]: the vector of type 0, or empty
  nn::LayerNorm norm;
  std::vector<NomicBertLayer> layers;
};

class NomicBert : public Encoder {
 public:
  NomicBert(const NomicBertConfig& config, NomicBertWeights weights,
            const kernels::KernelSet& kernels)
      : config_(config),
        weights_(std::move(weights)),
        rotary_(kernels, config.hidden / config.heads, config.rotary_base, config.positions),
        kernels_(&kernels) {}

  size_t hidden_size() const override { return config_.hidden; }
  size_t vocabulary_size() const override { return config_.vocabulary; }
  size_t max_positions() const override { return config_.positions; }

  const float* Forward(const TokenBatch& batch, States wanted, ThreadPool* pool,
                       nn::Workspace& workspace) const override {
    const size_t tokens = batch.ids.size();
    const size_t hidden = config_.hidden;
    float* x = workspace.hidden.Reserve(tokens * hidden);
    float* qkv = workspace.qkv.Reserve(tokens * 3 * hidden);
    float* context = workspace.context.Reserve(tokens * hidden);
    const std::span<const uint32_t> positions(batch.positions);
    Embed(batch, pool, x);
    size_t rows = tokens;  // that are left behind attention
    for (const NomicBertLayer& layer : weights_.layers) {
      nn::ForRowBlocks(pool, tokens, workspace.blocks, [&](const nn::RowBlock& block) {
        float* rows = qkv + block.begin * 3 * hidden;
        layer.qkv->Forward(block.pool, x + block.begin * hidden, block.rows, rows,
                           block.scratch.projection);
        rotary_.Forward(config_.heads, positions.subspan(block.begin, block.rows), rows);
      });
      nn::SelfAttention(*kernels_, pool,
                        {.heads = config_.heads,
                         .head_size = hidden / config_.heads,
                         .rounded = weights_.rounded},
                        qkv, batch.offsets, workspace.attention, context);
      if (wanted == States::kFirst && &layer == &weights_.layers.back()) {
        KeepFirstRows(batch, hidden, context);
        KeepFirstRows(batch, hidden, x);
        rows = batch.sequences();
      }
      nn::ForRowBlocks(pool, rows, workspace.blocks, [&](const nn::RowBlock& block) {
        Transform(layer, context + block.begin * hidden, block, x + block.begin * hidden);
      });
    }
    return x;
  }

 private:
  void Embed(const TokenBatch& batch, ThreadPool* pool, float* x) const {
    const size_t hidden = config_.hidden;
    for (size_t i = 0; i < batch.ids.size(); ++i) {
      weights_.word.Read(static_cast<size_t>(batch.ids[i]), x + i * hidden);
      if (!weights_.type.empty()) kernels_->add(weights_.type.data(), hidden, x + i * hidden);
    }
    weights_.norm.Forward(pool, x, nullptr, batch.ids.size(), x);
  }

  // x = LayerNorm(x + context Wo);  x = LayerNorm(x + ((x W11) * silu(x W12)) W2)
  void Transform(const NomicBertLayer& layer, const float* context, const nn::RowBlock& block,
                 float* x) const {
    const size_t rows = block.rows;
    nn::BlockScratch& scratch = block.scratch;
    float* projected = scratch.projected.Reserve(rows * config_.hidden);
    float* inner = scratch.intermediate.Reserve(rows * config_.inner);
    layer.attention_output->Forward(block.pool, context, rows, projected, scratch.projection);
    layer.attention_norm.Forward(block.pool, projected, x, rows, x);
    layer.gated->Forward(block.pool, x, rows, inner, scratch.projection);
    layer.down->Forward(block.pool, inner, rows, projected, scratch.projection);
    layer.output_norm.Forward(block.pool, projected, x, rows, x);
  }

  NomicBertConfig config_;
  NomicBertWeights weights_;
  nn::Rotary rotary_;
  const kernels::KernelSet* kernels_;
};

// The variants that change the equations above. A field that is missing has the value that the
// published modelling code gives it.
Status CheckVariant(const JsonConfig& json) {
  struct Flag {
    const char* name;
    bool otherwise;
  };
  constexpr Flag kOff[] = {{"qkv_proj_bias", true}, {"mlp_fc1_bias", true},
                           {"mlp_fc2_bias", true},  {"prenorm", false},
                           {"use_rms_norm", false}, {"rotary_emb_interleaved", false},
                           {"causal", false},       {"rotary_head_dim", false}};
  for (const Flag& flag : kOff) {
    CODERANK_ASSIGN(const std::optional<bool> on, json.Flag(flag.name));
    if (on.value_or(flag.otherwise)) return json.Unexpected(flag.name, "false");
  }
  for (const char* name : {"rotary_scaling_factor", "rotary_emb_scale_base"}) {
    const auto found = json.object().find(name);
    if (found != json.object().end() && !found->is_null()) {
      return json.Unexpected(name, "null: scaled positions are not supported");
    }
  }
  CODERANK_ASSIGN(const std::optional<double> fraction, json.Number("rotary_emb_fraction", 0, 1));
  if (fraction.value_or(0) != 1) return json.Unexpected("rotary_emb_fraction", "1");
  CODERANK_ASSIGN(const std::string activation, json.RequiredText("activation_function"));
  if (activation != "swiglu") return json.Unexpected("activation_function", "\"swiglu\"");
  return OkStatus();
}

Result<NomicBertConfig> ReadConfig(const JsonConfig& json) {
  CODERANK_TRY(CheckVariant(json));
  NomicBertConfig config{};
  CODERANK_ASSIGN(config.hidden, json.RequiredInteger("n_embd", 2, kMaxHidden));
  CODERANK_ASSIGN(config.layers, json.RequiredInteger("n_layer", 1, kMaxLayers));
  CODERANK_ASSIGN(config.heads, json.RequiredInteger("n_head", 1, config.hidden));
  CODERANK_ASSIGN(config.inner, json.RequiredInteger("n_inner", 1, kMaxInner));
  // Beyond max_trained_positions the rotation goes on unscaled, as in the reference.
  CODERANK_ASSIGN(config.positions, json.RequiredInteger("n_positions", 2, kMaxPositions));
  CODERANK_ASSIGN(config.types, json.RequiredInteger("type_vocab_size", 0, kMaxTypes));
  CODERANK_ASSIGN(config.vocabulary, json.RequiredInteger("vocab_size", 1, kMaxVocabulary));
  if (config.hidden % (2 * config.heads) != 0) {
    return json.Unexpected(
        "n_head", StrCat("a number that cuts n_embd ", config.hidden, " into heads of even size"));
  }
  CODERANK_ASSIGN(const std::optional<double> epsilon, json.Number("layer_norm_epsilon", 0, 1));
  config.epsilon = static_cast<float>(epsilon.value_or(1e-5));  // GPT2Config's default
  CODERANK_ASSIGN(const std::optional<double> base, json.Number("rotary_emb_base", 1, 1e9));
  config.rotary_base = static_cast<float>(base.value_or(10000));  // NomicBertConfig's default
  return config;
}

// Takes layers by the names of NomicBertModel's parameters.
class NomicBertReader {
 public:
  NomicBertReader(const NomicBertConfig& config, LayerSource& source)
      : config_(config), source_(source) {}

  Result<NomicBertWeights> Read() const {
    const size_t hidden = config_.hidden;
    CODERANK_ASSIGN(auto word, source_.Embedding("embeddings.word_embeddings.weight",
                                                 config_.vocabulary, hidden));
    std::vector<float> type;
    if (config_.types > 0) {
      CODERANK_ASSIGN(const auto types, source_.Embedding("embeddings.token_type_embeddings.weight",
                                                          config_.types, hidden));
      type.resize(hidden);
      types.Read(0, type.data());
    }
    CODERANK_ASSIGN(auto norm, ReadNorm("emb_ln"));
    std::vector<NomicBertLayer> layers;
    for (size_t i = 0; i < config_.layers; ++i) {
      CODERANK_ASSIGN(NomicBertLayer layer, ReadLayer(StrCat("encoder.layers.", i, ".")));
      layers.push_back(std::move(layer));
    }
    return NomicBertWeights{source_.rounded(), std::move(word), std::move(type), std::move(norm),
                            std::move(layers)};
  }

 private:
  Result<nn::LayerNorm> ReadNorm(const std::string& name) const {
    return source_.Norm({.gamma = name + ".weight",
                         .beta = name + ".bias",
                         .n = config_.hidden,
                         .epsilon = config_.epsilon});
  }

  Result<std::unique_ptr<nn::Projection>> ReadLinear(const std::string& name, size_t in,
                                                     size_t out) const {
    return source_.Projection({.weights = {name + ".weight"}, .biases = {}, .in = in, .out = out});
  }

  Result<NomicBertLayer> ReadLayer(const std::string& layer) const {
    const size_t hidden = config_.hidden;
    CODERANK_ASSIGN(auto qkv, ReadLinear(layer + "attn.Wqkv", hidden, 3 * hidden));
    CODERANK_ASSIGN(auto attention_output, ReadLinear(layer + "attn.out_proj", hidden, hidden));
    CODERANK_ASSIGN(auto attention_norm, ReadNorm(layer + "norm1"));
    CODERANK_ASSIGN(
        auto gated,
        source_.Projection({.weights = {layer + "mlp.fc11.weight", layer + "mlp.fc12.weight"},
                            .biases = {},
                            .in = hidden,
                            .out = config_.inner,
                            .gated = true}));
    CODERANK_ASSIGN(auto down, ReadLinear(layer + "mlp.fc2", config_.inner, hidden));
    CODERANK_ASSIGN(auto output_norm, ReadNorm(layer + "norm2"));
    return NomicBertLayer{
        std::move(qkv),  std::move(attention_output), std::move(attention_norm), std::move(gated),
        std::move(down), std::move(output_norm)};
  }

  const NomicBertConfig& config_;
  LayerSource& source_;
};

}  // namespace

Result<std::unique_ptr<Encoder>> LoadNomicBert(const JsonConfig& json, LayerSource& layers,
                                               const kernels::KernelSet& kernels) {
  CODERANK_ASSIGN(const NomicBertConfig config, ReadConfig(json));
  CODERANK_ASSIGN(NomicBertWeights weights, NomicBertReader(config, layers).Read());
  return std::unique_ptr<Encoder>(std::make_unique<NomicBert>(config, std::move(weights), kernels));
}

}  // namespace coderank
