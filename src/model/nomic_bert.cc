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

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "model/nomic_bert_config.h"
#include "nn/attention.h"
#include "nn/layer_norm.h"
#include "nn/projection.h"
#include "nn/rotary.h"
#include "nn/row_blocks.h"

namespace coderank {
namespace {

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

// Names of the parameters, without ".weight" and ".bias".
struct ParameterNames {
  std::string_view norm;    // of the embeddings
  std::string_view layers;  // those below follow it and the layer's number
  std::span<const std::string_view> qkv;
  std::string_view attention_output;
  std::string_view attention_norm;
  std::string_view up;
  std::string_view gate;
  std::string_view down;
  std::string_view output_norm;
};

// Those of the published modelling code, which transformers writes too.
constexpr std::string_view kStackedQkv[] = {"attn.Wqkv"};
constexpr ParameterNames kPublishedNames{.norm = "emb_ln",
                                         .layers = "encoder.layers.",
                                         .qkv = kStackedQkv,
                                         .attention_output = "attn.out_proj",
                                         .attention_norm = "norm1",
                                         .up = "mlp.fc11",
                                         .gate = "mlp.fc12",
                                         .down = "mlp.fc2",
                                         .output_norm = "norm2"};

// Those of transformers' class, which it writes when told not to keep the original format.
constexpr std::string_view kSeparateQkv[] = {"self_attn.q_proj", "self_attn.k_proj",
                                             "self_attn.v_proj"};
constexpr ParameterNames kTransformersNames{.norm = "embeddings.LayerNorm",
                                            .layers = "layers.",
                                            .qkv = kSeparateQkv,
                                            .attention_output = "self_attn.o_proj",
                                            .attention_norm = "post_attention_layernorm",
                                            .up = "mlp.up_proj",
                                            .gate = "mlp.gate_proj",
                                            .down = "mlp.down_proj",
                                            .output_norm = "post_mlp_layernorm"};

// That of the encoder's parameters in a model that has more than an encoder.
std::string PrefixOf(const LayerSource& source) {
  for (const char* prefix : {"bert.", "nomic_bert."}) {
    if (source.Contains(StrCat(prefix, "embeddings.word_embeddings.weight"))) return prefix;
  }
  return "";
}

// Takes layers by the names of NomicBertModel's parameters.
class NomicBertReader {
 public:
  NomicBertReader(const NomicBertConfig& config, LayerSource& source)
      : config_(config),
        source_(source),
        prefix_(PrefixOf(source)),
        names_(source.Contains(StrCat(prefix_, kTransformersNames.norm, ".weight"))
                   ? kTransformersNames
                   : kPublishedNames) {}

  Result<NomicBertWeights> Read() const {
    const size_t hidden = config_.hidden;
    CODERANK_ASSIGN(auto word, ReadTable("word_embeddings", config_.vocabulary));
    std::vector<float> type;
    if (config_.types > 0) {
      CODERANK_ASSIGN(const auto types, ReadTable("token_type_embeddings", config_.types));
      type.resize(hidden);
      types.Read(0, type.data());
    }
    CODERANK_ASSIGN(auto norm, ReadNorm(StrCat(prefix_, names_.norm)));
    std::vector<NomicBertLayer> layers;
    for (size_t i = 0; i < config_.layers; ++i) {
      CODERANK_ASSIGN(NomicBertLayer layer, ReadLayer(StrCat(prefix_, names_.layers, i, ".")));
      layers.push_back(std::move(layer));
    }
    return NomicBertWeights{source_.rounded(), std::move(word), std::move(type), std::move(norm),
                            std::move(layers)};
  }

 private:
  Result<nn::Embedding> ReadTable(std::string_view name, size_t rows) const {
    return source_.Embedding(StrCat(prefix_, "embeddings.", name, ".weight"), rows, config_.hidden);
  }

  Result<nn::LayerNorm> ReadNorm(const std::string& name) const {
    return source_.Norm({.gamma = name + ".weight",
                         .beta = name + ".bias",
                         .n = config_.hidden,
                         .epsilon = config_.epsilon});
  }

  // The linear layers `names` of one layer, stacked to one of `out` columns or, gated, to two.
  Result<std::unique_ptr<nn::Projection>> ReadLinear(const std::string& layer,
                                                     std::span<const std::string_view> names,
                                                     size_t in, size_t out,
                                                     bool gated = false) const {
    ProjectionSpec spec{.weights = {}, .biases = {}, .in = in, .out = out, .gated = gated};
    for (const std::string_view name : names) {
      spec.weights.push_back(StrCat(layer, name, ".weight"));
    }
    return source_.Projection(spec);
  }

  Result<NomicBertLayer> ReadLayer(const std::string& layer) const {
    const size_t hidden = config_.hidden;
    const size_t inner = config_.inner;
    const std::array gated_names{names_.up, names_.gate};
    CODERANK_ASSIGN(auto qkv, ReadLinear(layer, names_.qkv, hidden, 3 * hidden));
    CODERANK_ASSIGN(auto attention_output,
                    ReadLinear(layer, {&names_.attention_output, 1}, hidden, hidden));
    CODERANK_ASSIGN(auto attention_norm, ReadNorm(StrCat(layer, names_.attention_norm)));
    CODERANK_ASSIGN(auto gated, ReadLinear(layer, gated_names, hidden, inner, /*gated=*/true));
    CODERANK_ASSIGN(auto down, ReadLinear(layer, {&names_.down, 1}, inner, hidden));
    CODERANK_ASSIGN(auto output_norm, ReadNorm(StrCat(layer, names_.output_norm)));
    return NomicBertLayer{
        std::move(qkv),  std::move(attention_output), std::move(attention_norm), std::move(gated),
        std::move(down), std::move(output_norm)};
  }

  const NomicBertConfig& config_;
  LayerSource& source_;
  std::string prefix_;
  const ParameterNames& names_;
};

}  // namespace

Result<std::unique_ptr<Encoder>> LoadNomicBert(const JsonConfig& json, LayerSource& layers,
                                               const kernels::KernelSet& kernels) {
  CODERANK_ASSIGN(const NomicBertConfig config, ReadNomicBertConfig(json));
  CODERANK_ASSIGN(NomicBertWeights weights, NomicBertReader(config, layers).Read());
  return std::unique_ptr<Encoder>(std::make_unique<NomicBert>(config, std::move(weights), kernels));
}

}  // namespace coderank
