// The forward pass of BERT (Devlin et al., 2018), post-norm, as transformers' BertModel has it:
//
//   x = LayerNorm(word[id] + position[0, 1, ...] + type[0 or 1])
//   for each layer:
//     q, k, v = x Wq + bq, x Wk + bk, x Wv + bv             per head of hidden / heads
//     a = softmax(q k^T / sqrt(head size)) v
//     x = LayerNorm(x + (a Wo + bo))
//     x = LayerNorm(x + (activation(x Wi + bi) Wd + bd))
//
// and the head of BertForSequenceClassification, on the first token's x (pair_head.h).
#include "model/bert.h"

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "model/encoder_size.h"
#include "nn/activation.h"
#include "nn/attention.h"
#include "nn/layer_norm.h"
#include "nn/projection.h"
#include "nn/row_blocks.h"

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
  std::unique_ptr<nn::Projection> qkv;  // Q, K and V in one product
  std::unique_ptr<nn::Projection> attention_output;
  nn::LayerNorm attention_norm;
  std::unique_ptr<nn::Projection> intermediate;
  std::unique_ptr<nn::Projection> output;
  nn::LayerNorm output_norm;
};

struct BertWeights {
  bool rounded;  // LayerSource::rounded()
  nn::Embedding word;
  nn::Embedding position;
  std::vector<float> types;  // [1 or 2, hidden]: the vectors of a first and a second text
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

  const float* Forward(const TokenBatch& batch, States wanted, ThreadPool* pool,
                       nn::Workspace& workspace) const override {
    const size_t tokens = batch.ids.size();
    const size_t hidden = config_.hidden;
    float* x = workspace.hidden.Reserve(tokens * hidden);
    float* qkv = workspace.qkv.Reserve(tokens * 3 * hidden);
    float* context = workspace.context.Reserve(tokens * hidden);
    Embed(batch, pool, context, x);
    size_t rows = tokens;  // that are left behind attention
    for (const BertLayer& layer : weights_.layers) {
      nn::ForRowBlocks(pool, tokens, workspace.blocks, [&](const nn::RowBlock& block) {
        layer.qkv->Forward(block.pool, x + block.begin * hidden, block.rows,
                           qkv + block.begin * 3 * hidden, block.scratch.projection);
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
  // `row` is [hidden], for the vector of one position.
  void Embed(const TokenBatch& batch, ThreadPool* pool, float* row, float* x) const {
    const size_t hidden = config_.hidden;
    for (size_t i = 0; i < batch.ids.size(); ++i) {
      weights_.word.Read(static_cast<size_t>(batch.ids[i]), x + i * hidden);
      weights_.position.Read(batch.positions[i], row);
      kernels_->add(weights_.types.data() + batch.types[i] * hidden, hidden, x + i * hidden);
      kernels_->add(row, hidden, x + i * hidden);
    }
    weights_.norm.Forward(pool, x, nullptr, batch.ids.size(), x);
  }

  // x = LayerNorm(x + context Wo + bo);  x = LayerNorm(x + f(x W1 + b1) W2 + b2)
  void Transform(const BertLayer& layer, const float* context, const nn::RowBlock& block,
                 float* x) const {
    const size_t rows = block.rows;
    nn::BlockScratch& scratch = block.scratch;
    float* projected = scratch.projected.Reserve(rows * config_.hidden);
    float* intermediate = scratch.intermediate.Reserve(rows * config_.intermediate);
    layer.attention_output->Forward(block.pool, context, rows, projected, scratch.projection);
    layer.attention_norm.Forward(block.pool, projected, x, rows, x);
    layer.intermediate->Forward(block.pool, x, rows, intermediate, scratch.projection,
                                config_.activation);
    layer.output->Forward(block.pool, intermediate, rows, projected, scratch.projection);
    layer.output_norm.Forward(block.pool, projected, x, rows, x);
  }

  BertConfig config_;
  BertWeights weights_;
  const kernels::KernelSet* kernels_;
};

// The variants that change the equations above.
Status CheckVariant(const JsonConfig& json) {
  CODERANK_ASSIGN(const std::optional<std::string> positions, json.Text("position_embedding_type"));
  if (positions.value_or("absolute") != "absolute") {
    return json.Unexpected("position_embedding_type", "\"absolute\"");
  }
  CODERANK_ASSIGN(const std::optional<bool> decoder, json.Flag("is_decoder"));
  if (decoder.value_or(false)) return json.Unexpected("is_decoder", "false, an encoder");
  return OkStatus();
}

Result<size_t> ReadTypes(const JsonConfig& json) {
  CODERANK_ASSIGN(const auto types, json.Integer("type_vocab_size", 1, kMaxTypes));
  return types.value_or(2);
}

// A field that is missing has the value that transformers' BertConfig gives it, except the sizes
// that every file states.
Result<BertConfig> ReadConfig(const JsonConfig& json, const kernels::KernelSet& kernels) {
  BertConfig config{};
  CODERANK_ASSIGN(config.hidden, json.RequiredInteger("hidden_size", 1, kMaxHidden));
  CODERANK_ASSIGN(config.layers, json.RequiredInteger("num_hidden_layers", 1, kMaxLayers));
  CODERANK_ASSIGN(config.heads, json.RequiredInteger("num_attention_heads", 1, config.hidden));
  CODERANK_ASSIGN(config.intermediate,
                  json.RequiredInteger("intermediate_size", 1, kMaxIntermediate));
  CODERANK_ASSIGN(const auto positions, json.Integer("max_position_embeddings", 2, kMaxPositions));
  config.positions = positions.value_or(kDefaultBertPositions);
  CODERANK_ASSIGN(config.types, ReadTypes(json));
  CODERANK_ASSIGN(config.vocabulary, json.RequiredInteger("vocab_size", 1, kMaxVocabulary));
  if (config.hidden % config.heads != 0) {
    return json.Unexpected("num_attention_heads",
                           StrCat("a divisor of hidden_size ", config.hidden));
  }
  CODERANK_ASSIGN(const std::optional<double> epsilon, json.Number("layer_norm_eps", 0, 1));
  config.epsilon = static_cast<float>(epsilon.value_or(1e-12));
  CODERANK_TRY(CheckVariant(json));
  CODERANK_ASSIGN(const std::optional<std::string> activation, json.Text("hidden_act"));
  auto function = nn::FindActivation(kernels, activation.value_or("gelu"));
  if (!function) return function.error().WithContext(StrCat(json.source(), ": hidden_act"));
  config.activation = *function;
  return config;
}

// That of the encoder's parameters in a model that has more than an encoder.
std::string PrefixOf(const LayerSource& source) {
  return source.Contains("bert.embeddings.word_embeddings.weight") ? "bert." : "";
}

// Takes layers by the names of BertModel's parameters.
class BertReader {
 public:
  BertReader(const BertConfig& config, LayerSource& source)
      : config_(config), source_(source), prefix_(PrefixOf(source)) {}

  Result<BertWeights> Read() const {
    const size_t hidden = config_.hidden;
    CODERANK_ASSIGN(auto word, ReadTable("word_embeddings", config_.vocabulary));
    CODERANK_ASSIGN(auto position, ReadTable("position_embeddings", config_.positions));
    CODERANK_ASSIGN(const auto type_table, ReadTable("token_type_embeddings", config_.types));
    const size_t used = std::min<size_t>(config_.types, 2);
    std::vector<float> types(used * hidden);
    for (size_t i = 0; i < used; ++i) type_table.Read(i, types.data() + i * hidden);
    CODERANK_ASSIGN(auto norm, ReadNorm("embeddings.LayerNorm"));
    std::vector<BertLayer> layers;
    for (size_t i = 0; i < config_.layers; ++i) {
      CODERANK_ASSIGN(BertLayer layer, ReadLayer(StrCat("encoder.layer.", i, ".")));
      layers.push_back(std::move(layer));
    }
    return BertWeights{source_.rounded(), std::move(word), std::move(position),
                       std::move(types),  std::move(norm), std::move(layers)};
  }

 private:
  Result<nn::Embedding> ReadTable(std::string_view name, size_t rows) const {
    return source_.Embedding(StrCat(prefix_, "embeddings.", name, ".weight"), rows, config_.hidden);
  }

  Result<nn::LayerNorm> ReadNorm(const std::string& name) const {
    const std::string full = StrCat(prefix_, name);
    const bool old = source_.Contains(full + ".gamma");
    return source_.Norm({.gamma = full + (old ? ".gamma" : ".weight"),
                         .beta = full + (old ? ".beta" : ".bias"),
                         .n = config_.hidden,
                         .epsilon = config_.epsilon});
  }

  // The linear layers `names`, stacked to one of `out` columns.
  Result<std::unique_ptr<nn::Projection>> ReadLinear(const std::vector<std::string>& names,
                                                     size_t in, size_t out) const {
    ProjectionSpec spec{.weights = {}, .biases = {}, .in = in, .out = out};
    for (const std::string& name : names) {
      spec.weights.push_back(StrCat(prefix_, name, ".weight"));
      spec.biases.push_back(StrCat(prefix_, name, ".bias"));
    }
    return source_.Projection(spec);
  }

  Result<BertLayer> ReadLayer(const std::string& layer) const {
    const size_t hidden = config_.hidden;
    const std::string attention = layer + "attention.self.";
    CODERANK_ASSIGN(
        auto qkv, ReadLinear({attention + "query", attention + "key", attention + "value"}, hidden,
                             3 * hidden));
    CODERANK_ASSIGN(auto attention_output,
                    ReadLinear({layer + "attention.output.dense"}, hidden, hidden));
    CODERANK_ASSIGN(auto attention_norm, ReadNorm(layer + "attention.output.LayerNorm"));
    CODERANK_ASSIGN(auto intermediate,
                    ReadLinear({layer + "intermediate.dense"}, hidden, config_.intermediate));
    CODERANK_ASSIGN(auto output,
                    ReadLinear({layer + "output.dense"}, config_.intermediate, hidden));
    CODERANK_ASSIGN(auto output_norm, ReadNorm(layer + "output.LayerNorm"));
    return BertLayer{
        std::move(qkv),          std::move(attention_output), std::move(attention_norm),
        std::move(intermediate), std::move(output),           std::move(output_norm)};
  }

  const BertConfig& config_;
  LayerSource& source_;
  std::string prefix_;
};

}  // namespace

Result<std::unique_ptr<Encoder>> LoadBert(const JsonConfig& json, LayerSource& layers,
                                          const kernels::KernelSet& kernels) {
  CODERANK_ASSIGN(const BertConfig config, ReadConfig(json, kernels));
  CODERANK_ASSIGN(BertWeights weights, BertReader(config, layers).Read());
  return std::unique_ptr<Encoder>(std::make_unique<Bert>(config, std::move(weights), kernels));
}

Result<PairHead> LoadBertPairHead(const JsonConfig& json, LayerSource& layers,
                                  const kernels::KernelSet& kernels) {
  CODERANK_ASSIGN(const size_t hidden, json.RequiredInteger("hidden_size", 1, kMaxHidden));
  CODERANK_ASSIGN(const size_t types, ReadTypes(json));
  if (types < 2) return json.Unexpected("type_vocab_size", "2 or more, to tell two texts apart");
  const std::string pooler = PrefixOf(layers) + "pooler.dense";
  const uint64_t square[] = {hidden, hidden};
  const uint64_t row[] = {1, hidden};
  CODERANK_ASSIGN(const auto weight, layers.Floats(pooler + ".weight", square));
  CODERANK_ASSIGN(auto bias, layers.Floats(pooler + ".bias", std::span(square).first(1)));
  auto classifier = layers.Floats("classifier.weight", row);
  if (!classifier) return classifier.error().WithContext("a cross-encoder has one label");
  CODERANK_ASSIGN(const auto offset, layers.Floats("classifier.bias", std::span(row).first(1)));
  return PairHead(kernels, weight, std::move(bias), *std::move(classifier), offset.front());
}

}  // namespace coderank
