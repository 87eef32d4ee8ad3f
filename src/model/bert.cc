// The forward pass of BERT (Devlin et al., 2018), post-norm, as transformers' BertModel has it:
//
//   x = LayerNorm(word[id] + position[0, 1, ...] + type[0])
//   for each layer:
//     q, k, v = x Wq + bq, x Wk + bk, x Wv + bv             per head of hidden / heads
//     a = softmax(q k^T / sqrt(head size)) v
//     x = LayerNorm(x + (a Wo + bo))
//     x = LayerNorm(x + (activation(x Wi + bi) Wd + bd))
#include "model/bert.h"

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

namespace coderank {
namespace {

// Sanity limits far above any BERT (large: 1024 x 24), so that sizes cannot overflow.
constexpr uint64_t kMaxHidden = 1 << 14;
constexpr uint64_t kMaxLayers = 256;
constexpr uint64_t kMaxIntermediate = 1 << 16;
constexpr uint64_t kMaxPositions = 1 << 16;
constexpr uint64_t kMaxVocabulary = 1 << 22;
constexpr uint64_t kMaxTypes = 1 << 10;

struct BertConfig {
  size_t hidden;
  size_t layers;
  size_t heads;
  size_t intermediate;
  size_t positions;
  size_t types;
  size_t vocabulary;
  float epsilon;
  nn::Activation activation;
};

struct BertLayer {
  nn::Linear qkv;  // Q, K and V in one product
  nn::Linear attention_output;
  nn::LayerNorm attention_norm;
  nn::Linear intermediate;
  nn::Linear output;
  nn::LayerNorm output_norm;
};

struct BertWeights {
  std::vector<float> word;      // [vocabulary, hidden]
  std::vector<float> position;  // [positions, hidden]
  std::vector<float> type;      // [types, hidden]
  nn::LayerNorm norm;
  std::vector<BertLayer> layers;
};

class Bert : public Encoder {
 public:
  Bert(const BertConfig& config, BertWeights weights, const kernels::KernelSet& kernels)
      : config_(config), weights_(std::move(weights)), kernels_(&kernels) {}

  size_t hidden_size() const override { return config_.hidden; }
  size_t vocabulary_size() const override { return config_.vocabulary; }
  size_t max_positions() const override { return config_.positions; }

  const float* Forward(const TokenBatch& batch, ThreadPool* pool,
                       nn::Workspace& workspace) const override {
    const size_t tokens = batch.ids.size();
    float* x = workspace.hidden.Reserve(tokens * config_.hidden);
    Embed(batch, pool, x);
    for (const BertLayer& layer : weights_.layers) Apply(layer, batch, pool, workspace, x);
    return x;
  }

 private:
  void Embed(const TokenBatch& batch, ThreadPool* pool, float* x) const {
    const size_t hidden = config_.hidden;
    for (size_t s = 0; s < batch.sequences(); ++s) {
      for (size_t i = batch.offsets[s]; i < batch.offsets[s + 1]; ++i) {
        const float* word = weights_.word.data() + static_cast<size_t>(batch.ids[i]) * hidden;
        const float* position = weights_.position.data() + (i - batch.offsets[s]) * hidden;
        std::copy_n(word, hidden, x + i * hidden);
        kernels_->add(weights_.type.data(), hidden, x + i * hidden);
        kernels_->add(position, hidden, x + i * hidden);
      }
    }
    weights_.norm.Forward(pool, x, nullptr, batch.ids.size(), x);
  }

  void Apply(const BertLayer& layer, const TokenBatch& batch, ThreadPool* pool,
             nn::Workspace& workspace, float* x) const {
    const size_t tokens = batch.ids.size();
    float* qkv = workspace.qkv.Reserve(tokens * 3 * config_.hidden);
    float* context = workspace.context.Reserve(tokens * config_.hidden);
    float* projected = workspace.projected.Reserve(tokens * config_.hidden);
    float* intermediate = workspace.intermediate.Reserve(tokens * config_.intermediate);

    layer.qkv.Forward(pool, x, tokens, qkv);
    nn::SelfAttention(*kernels_, pool,
                      {.heads = config_.heads, .head_size = config_.hidden / config_.heads}, qkv,
                      batch.offsets, workspace.attention, context);
    layer.attention_output.Forward(pool, context, tokens, projected);
    layer.attention_norm.Forward(pool, projected, x, tokens, x);

    layer.intermediate.Forward(pool, x, tokens, intermediate, config_.activation);
    layer.output.Forward(pool, intermediate, tokens, projected);
    layer.output_norm.Forward(pool, projected, x, tokens, x);
  }

  BertConfig config_;
  BertWeights weights_;
  const kernels::KernelSet* kernels_;
};

Result<BertConfig> ReadConfig(const JsonConfig& json, const kernels::KernelSet& kernels) {
  BertConfig config{};
  CODERANK_ASSIGN(config.hidden, json.RequiredInteger("hidden_size", 1, kMaxHidden));
  CODERANK_ASSIGN(config.layers, json.RequiredInteger("num_hidden_layers", 1, kMaxLayers));
  CODERANK_ASSIGN(config.heads, json.RequiredInteger("num_attention_heads", 1, config.hidden));
  CODERANK_ASSIGN(config.intermediate,
                  json.RequiredInteger("intermediate_size", 1, kMaxIntermediate));
  CODERANK_ASSIGN(config.positions,
                  json.RequiredInteger("max_position_embeddings", 2, kMaxPositions));
  CODERANK_ASSIGN(config.types, json.RequiredInteger("type_vocab_size", 1, kMaxTypes));
  CODERANK_ASSIGN(config.vocabulary, json.RequiredInteger("vocab_size", 1, kMaxVocabulary));
  if (config.hidden % config.heads != 0) {
    return json.Unexpected("num_attention_heads",
                           StrCat("a divisor of hidden_size ", config.hidden));
  }
  CODERANK_ASSIGN(const std::optional<double> epsilon, json.Number("layer_norm_eps", 0, 1));
  config.epsilon = static_cast<float>(epsilon.value_or(1e-12));  // BertConfig's default
  CODERANK_ASSIGN(const std::optional<std::string> positions, json.Text("position_embedding_type"));
  if (positions.value_or("absolute") != "absolute") {
    return json.Unexpected("position_embedding_type", "\"absolute\"");
  }
  CODERANK_ASSIGN(const std::string activation, json.RequiredText("hidden_act"));
  auto function = nn::FindActivation(kernels, activation);
  if (!function) return function.error().WithContext(StrCat(json.source(), ": hidden_act"));
  config.activation = *function;
  return config;
}

// Reads layers by the names of BertModel's parameters.
class BertReader {
 public:
  BertReader(const BertConfig& config, const WeightFiles& weights,
             const kernels::KernelSet& kernels)
      : config_(config),
        weights_(weights),
        kernels_(kernels),
        prefix_(weights.Contains("bert.embeddings.word_embeddings.weight") ? "bert." : "") {}

  Result<BertWeights> Read() const {
    const uint64_t hidden = config_.hidden;
    CODERANK_ASSIGN(auto word,
                    Tensor("embeddings.word_embeddings.weight", {config_.vocabulary, hidden}));
    CODERANK_ASSIGN(auto position,
                    Tensor("embeddings.position_embeddings.weight", {config_.positions, hidden}));
    CODERANK_ASSIGN(auto type,
                    Tensor("embeddings.token_type_embeddings.weight", {config_.types, hidden}));
    CODERANK_ASSIGN(auto norm, ReadNorm("embeddings.LayerNorm"));
    std::vector<BertLayer> layers;
    for (size_t i = 0; i < config_.layers; ++i) {
      CODERANK_ASSIGN(BertLayer layer, ReadLayer(StrCat("encoder.layer.", i, ".")));
      layers.push_back(std::move(layer));
    }
    return BertWeights{std::move(word), std::move(position), std::move(type), std::move(norm),
                       std::move(layers)};
  }

 private:
  using Shape = std::initializer_list<uint64_t>;

  Result<std::vector<float>> Tensor(std::string_view name, Shape shape) const {
    return weights_.Read(StrCat(prefix_, name), std::span(shape.begin(), shape.size()));
  }

  Result<nn::LayerNorm> ReadNorm(const std::string& name) const {
    const bool old = weights_.Contains(StrCat(prefix_, name, ".gamma"));
    CODERANK_ASSIGN(auto gamma, Tensor(name + (old ? ".gamma" : ".weight"), {config_.hidden}));
    CODERANK_ASSIGN(auto beta, Tensor(name + (old ? ".beta" : ".bias"), {config_.hidden}));
    return nn::LayerNorm(kernels_, std::move(gamma), std::move(beta), config_.epsilon);
  }

  Result<nn::Linear> ReadLinear(const std::string& name, size_t in, size_t out) const {
    CODERANK_ASSIGN(const auto weight, Tensor(name + ".weight", {out, in}));
    CODERANK_ASSIGN(auto bias, Tensor(name + ".bias", {out}));
    return nn::Linear(kernels_, weight, std::move(bias), in, out);
  }

  // The three projections stacked: [3 * hidden, hidden].
  Result<nn::Linear> ReadQkv(const std::string& layer) const {
    const size_t hidden = config_.hidden;
    std::vector<float> weight;
    std::vector<float> bias;
    for (const char* part : {"query", "key", "value"}) {
      const std::string name = StrCat(layer, "attention.self.", part);
      CODERANK_ASSIGN(const auto w, Tensor(name + ".weight", {hidden, hidden}));
      CODERANK_ASSIGN(const auto b, Tensor(name + ".bias", {hidden}));
      weight.insert(weight.end(), w.begin(), w.end());
      bias.insert(bias.end(), b.begin(), b.end());
    }
    return nn::Linear(kernels_, weight, std::move(bias), hidden, 3 * hidden);
  }

  Result<BertLayer> ReadLayer(const std::string& layer) const {
    const size_t hidden = config_.hidden;
    CODERANK_ASSIGN(auto qkv, ReadQkv(layer));
    CODERANK_ASSIGN(auto attention_output,
                    ReadLinear(layer + "attention.output.dense", hidden, hidden));
    CODERANK_ASSIGN(auto attention_norm, ReadNorm(layer + "attention.output.LayerNorm"));
    CODERANK_ASSIGN(auto intermediate,
                    ReadLinear(layer + "intermediate.dense", hidden, config_.intermediate));
    CODERANK_ASSIGN(auto output, ReadLinear(layer + "output.dense", config_.intermediate, hidden));
    CODERANK_ASSIGN(auto output_norm, ReadNorm(layer + "output.LayerNorm"));
    return BertLayer{
        std::move(qkv),          std::move(attention_output), std::move(attention_norm),
        std::move(intermediate), std::move(output),           std::move(output_norm)};
  }

  const BertConfig& config_;
  const WeightFiles& weights_;
  const kernels::KernelSet& kernels_;
  std::string prefix_;
};

}  // namespace

Result<std::unique_ptr<Encoder>> LoadBert(const JsonConfig& json, const WeightFiles& weights,
                                          const kernels::KernelSet& kernels) {
  CODERANK_ASSIGN(const BertConfig config, ReadConfig(json, kernels));
  CODERANK_ASSIGN(BertWeights read, BertReader(config, weights, kernels).Read());
  return std::unique_ptr<Encoder>(std::make_unique<Bert>(config, std::move(read), kernels));
}

}  // namespace coderank
