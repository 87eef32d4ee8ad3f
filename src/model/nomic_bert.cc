// The forward pass of NomicBERT (Nussbaum et al., 2024): BERT with rotary positions, a gated MLP
// and no biases in its linear layers.
//
//   x = LayerNorm(word[id] + type[0])
//   for each layer:
//     q, k, v = x Wqkv                                       per head of hidden / heads
//     q, k = rotary(q), rotary(k)                            positions 0, 1, ...
//     a = softmax(q k^T / sqrt(head size)) v
//     x = LayerNorm(x + a Wo)
//     x = LayerNorm(x + (x W11 * silu(x W12)) W2)
#include "model/nomic_bert.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "nn/activation.h"
#include "nn/attention.h"
#include "nn/layer_norm.h"
#include "nn/linear.h"
#include "nn/rotary.h"

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
  nn::Linear qkv;
  nn::Linear attention_output;
  nn::LayerNorm attention_norm;
  nn::Linear up;    // fc11
  nn::Linear gate;  // fc12
  nn::Linear down;  // fc2
  nn::LayerNorm output_norm;
};

struct NomicBertWeights {
  std::vector<float> word;  // [vocabulary, hidden]
  std::vector<float> type;  // [types, hidden]
  nn::LayerNorm norm;
  std::vector<NomicBertLayer> layers;
};

class NomicBert : public Encoder {
 public:
  NomicBert(const NomicBertConfig& config, NomicBertWeights weights,
            const kernels::KernelSet& kernels)
      : config_(config),
        weights_(std::move(weights)),
        rotary_(config.hidden / config.heads, config.rotary_base, config.positions),
        kernels_(&kernels) {}

  size_t hidden_size() const override { return config_.hidden; }
  size_t vocabulary_size() const override { return config_.vocabulary; }
  size_t max_positions() const override { return config_.positions; }

  const float* Forward(const TokenBatch& batch, ThreadPool* pool,
                       nn::Workspace& workspace) const override {
    const size_t tokens = batch.ids.size();
    float* x = workspace.hidden.Reserve(tokens * config_.hidden);
    Embed(batch, pool, x);
    for (const NomicBertLayer& layer : weights_.layers) {
      Attend(layer, batch, pool, workspace, x);
      Transform(layer, tokens, pool, workspace, x);
    }
    return x;
  }

 private:
  void Embed(const TokenBatch& batch, ThreadPool* pool, float* x) const {
    const size_t hidden = config_.hidden;
    for (size_t i = 0; i < batch.ids.size(); ++i) {
      const float* word = weights_.word.data() + static_cast<size_t>(batch.ids[i]) * hidden;
      std::copy_n(word, hidden, x + i * hidden);
      if (config_.types > 0) kernels_->add(weights_.type.data(), hidden, x + i * hidden);
    }
    weights_.norm.Forward(pool, x, nullptr, batch.ids.size(), x);
  }

  void Attend(const NomicBertLayer& layer, const TokenBatch& batch, ThreadPool* pool,
              nn::Workspace& workspace, float* x) const {
    const size_t tokens = batch.ids.size();
    float* qkv = workspace.qkv.Reserve(tokens * 3 * config_.hidden);
    float* context = workspace.context.Reserve(tokens * config_.hidden);
    float* projected = workspace.projected.Reserve(tokens * config_.hidden);
    layer.qkv.Forward(pool, x, tokens, qkv);
    rotary_.Forward(pool, config_.heads, batch.offsets, qkv);
    nn::SelfAttention(*kernels_, pool,
                      {.heads = config_.heads, .head_size = config_.hidden / config_.heads}, qkv,
                      batch.offsets, workspace.attention, context);
    layer.attention_output.Forward(pool, context, tokens, projected);
    layer.attention_norm.Forward(pool, projected, x, tokens, x);
  }

  void Transform(const NomicBertLayer& layer, size_t tokens, ThreadPool* pool,
                 nn::Workspace& workspace, float* x) const {
    float* inner = workspace.intermediate.Reserve(tokens * config_.inner);
    float* gate = workspace.gate.Reserve(tokens * config_.inner);
    float* projected = workspace.projected.Reserve(tokens * config_.hidden);
    layer.up.Forward(pool, x, tokens, inner);
    layer.gate.Forward(pool, x, tokens, gate, kernels_->silu);
    nn::Multiply(pool, gate, tokens * config_.inner, inner);
    layer.down.Forward(pool, inner, tokens, projected);
    layer.output_norm.Forward(pool, projected, x, tokens, x);
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

// As far as the model was trained, not as far as n_positions would let the rotation go on.
Result<size_t> ReadPositions(const JsonConfig& json) {
  CODERANK_ASSIGN(const uint64_t positions, json.RequiredInteger("n_positions", 2, kMaxPositions));
  CODERANK_ASSIGN(const std::optional<uint64_t> trained,
                  json.Integer("max_trained_positions", 2, UINT64_MAX));
  return std::min(positions, trained.value_or(positions));
}

Result<NomicBertConfig> ReadConfig(const JsonConfig& json) {
  CODERANK_TRY(CheckVariant(json));
  NomicBertConfig config{};
  CODERANK_ASSIGN(config.hidden, json.RequiredInteger("n_embd", 2, kMaxHidden));
  CODERANK_ASSIGN(config.layers, json.RequiredInteger("n_layer", 1, kMaxLayers));
  CODERANK_ASSIGN(config.heads, json.RequiredInteger("n_head", 1, config.hidden));
  CODERANK_ASSIGN(config.inner, json.RequiredInteger("n_inner", 1, kMaxInner));
  CODERANK_ASSIGN(config.positions, ReadPositions(json));
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

// Reads layers by the names of NomicBertModel's parameters.
class NomicBertReader {
 public:
  NomicBertReader(const NomicBertConfig& config, const WeightFiles& weights,
                  const kernels::KernelSet& kernels)
      : config_(config), weights_(weights), kernels_(kernels) {}

  Result<NomicBertWeights> Read() const {
    CODERANK_ASSIGN(auto word, Tensor("embeddings.word_embeddings.weight",
                                      {config_.vocabulary, config_.hidden}));
    std::vector<float> type;
    if (config_.types > 0) {
      CODERANK_ASSIGN(
          type, Tensor("embeddings.token_type_embeddings.weight", {config_.types, config_.hidden}));
    }
    CODERANK_ASSIGN(auto norm, ReadNorm("emb_ln"));
    std::vector<NomicBertLayer> layers;
    for (size_t i = 0; i < config_.layers; ++i) {
      CODERANK_ASSIGN(NomicBertLayer layer, ReadLayer(StrCat("encoder.layers.", i, ".")));
      layers.push_back(std::move(layer));
    }
    return NomicBertWeights{std::move(word), std::move(type), std::move(norm), std::move(layers)};
  }

 private:
  using Shape = std::initializer_list<uint64_t>;

  Result<std::vector<float>> Tensor(std::string_view name, Shape shape) const {
    return weights_.Read(name, std::span(shape.begin(), shape.size()));
  }

  Result<nn::LayerNorm> ReadNorm(const std::string& name) const {
    CODERANK_ASSIGN(auto gamma, Tensor(name + ".weight", {config_.hidden}));
    CODERANK_ASSIGN(auto beta, Tensor(name + ".bias", {config_.hidden}));
    return nn::LayerNorm(kernels_, std::move(gamma), std::move(beta), config_.epsilon);
  }

  Result<nn::Linear> ReadLinear(const std::string& name, size_t in, size_t out) const {
    CODERANK_ASSIGN(const auto weight, Tensor(name + ".weight", {out, in}));
    return nn::Linear(kernels_, weight, {}, in, out);
  }

  Result<NomicBertLayer> ReadLayer(const std::string& layer) const {
    const size_t hidden = config_.hidden;
    CODERANK_ASSIGN(auto qkv, ReadLinear(layer + "attn.Wqkv", hidden, 3 * hidden));
    CODERANK_ASSIGN(auto attention_output, ReadLinear(layer + "attn.out_proj", hidden, hidden));
    CODERANK_ASSIGN(auto attention_norm, ReadNorm(layer + "norm1"));
    CODERANK_ASSIGN(auto up, ReadLinear(layer + "mlp.fc11", hidden, config_.inner));
    CODERANK_ASSIGN(auto gate, ReadLinear(layer + "mlp.fc12", hidden, config_.inner));
    CODERANK_ASSIGN(auto down, ReadLinear(layer + "mlp.fc2", config_.inner, hidden));
    CODERANK_ASSIGN(auto output_norm, ReadNorm(layer + "norm2"));
    return NomicBertLayer{std::move(qkv),
                          std::move(attention_output),
                          std::move(attention_norm),
                          std::move(up),
                          std::move(gate),
                          std::move(down),
                          std::move(output_norm)};
  }

  const NomicBertConfig& config_;
  const WeightFiles& weights_;
  const kernels::KernelSet& kernels_;
};

}  // namespace

Result<std::unique_ptr<Encoder>> LoadNomicBert(const JsonConfig& json, const WeightFiles& weights,
                                               const kernels::KernelSet& kernels) {
  CODERANK_ASSIGN(const NomicBertConfig config, ReadConfig(json));
  CODERANK_ASSIGN(NomicBertWeights read, NomicBertReader(config, weights, kernels).Read());
  return std::unique_ptr<Encoder>(std::make_unique<NomicBert>(config, std::move(read), kernels));
}

}  // namespace coderank
