// The forward pass of Llama (Touvron et al., 2023) and Qwen2 (Yang et al., 2024): decoders with
// normalisation before each part, rotary positions, a gated MLP, and fewer heads of keys and values
// than of queries.
//
//   x = embedding[id]
//   for each layer:
//     h = RMSNorm(x)
//     q, k, v = h Wq + bq, h Wk + bk, h Wv + bv              biases in Qwen2 only
//     q, k = rotary(q), rotary(k)                            positions of the text
//     a = softmax(q k^T / sqrt(head size)) v                 over this and all earlier positions
//     x = x + a Wo
//     h = RMSNorm(x)
//     x = x + ((h Wup) * silu(h Wgate)) Wdown
//   states = RMSNorm(x)
//   logits = states Whead                                    or the embedding's transpose
#include "model/llama.h"

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "model/llama_config.h"
#include "nn/causal_attention.h"
#include "nn/rms_norm.h"
#include "nn/rotary.h"

namespace coderank {
namespace {

struct LlamaLayer {
  nn::RmsNorm attention_norm;
  std::unique_ptr<nn::Projection> qkv;
  std::unique_ptr<nn::Projection> attention_output;
  nn::RmsNorm mlp_norm;
  std::unique_ptr<nn::Projection> gated;  // (h Wup) * silu(h Wgate)
  std::unique_ptr<nn::Projection> down;
};

struct LlamaWeights {
  nn::Embedding embedding;
  std::vector<LlamaLayer> layers;
  nn::RmsNorm norm;
  std::unique_ptr<nn::Projection> head;  // null without one
  std::vector<float> frequencies;        // [head_size / 2], radians a position
};

class Llama : public Decoder {
 public:
  Llama(const LlamaConfig& config, LlamaWeights weights, const kernels::KernelSet& kernels)
      : config_(config), weights_(std::move(weights)), kernels_(&kernels) {}

  size_t hidden_size() const override { return config_.hidden; }
  size_t vocabulary_size() const override { return config_.vocabulary; }
  size_t max_positions() const override { return config_.positions; }
  bool has_head() const override { return weights_.head != nullptr; }

  nn::KvCache MakeCache(size_t capacity) const override {
    return {*kernels_,
            {.layers = config_.layers,
             .heads = config_.kv_heads,
             .head_size = config_.head_size,
             .capacity = capacity}};
  }

  const float* Forward(std::span<const int32_t> ids, ThreadPool* pool, nn::KvCache& cache,
                       nn::DecoderWorkspace& workspace) const override {
    const size_t rows = ids.size();
    float* x = workspace.hidden.Reserve(rows * config_.hidden);
    float* h = workspace.normalized.Reserve(rows * config_.hidden);
    for (size_t i = 0; i < rows; ++i) {
      weights_.embedding.Read(static_cast<size_t>(ids[i]), x + i * config_.hidden);
    }
    nn::FillRotation(weights_.frequencies, cache.length(), rows,
                     workspace.cos.Reserve(rows * config_.head_size / 2),
                     workspace.sin.Reserve(rows * config_.head_size / 2),
                     config_.scaling ? config_.scaling->magnitude : 1);
    for (size_t layer = 0; layer < config_.layers; ++layer) {
      weights_.layers[layer].attention_norm.Forward(pool, x, rows, h);
      AddAttention(layer, h, rows, pool, cache, workspace, x);
      weights_.layers[layer].mlp_norm.Forward(pool, x, rows, h);
      AddMlp(weights_.layers[layer], h, rows, pool, workspace, x);
    }
    cache.Advance(rows);
    weights_.norm.Forward(pool, x, rows, h);
    return h;
  }

  void Logits(const float* states, size_t rows, ThreadPool* pool, nn::DecoderWorkspace& workspace,
              float* logits) const override {
    weights_.head->Forward(pool, states, rows, logits, workspace.projection);
  }

 private:
  // x += softmax(q k^T / sqrt(head size)) v Wo
  void AddAttention(size_t index, const float* h, size_t rows, ThreadPool* pool, nn::KvCache& cache,
                    nn::DecoderWorkspace& workspace, float* x) const {
    const LlamaLayer& layer = weights_.layers[index];
    const size_t size = config_.head_size;
    const size_t stride = layer.qkv->out();
    float* qkv = workspace.qkv.Reserve(rows * stride);
    layer.qkv->Forward(pool, h, rows, qkv, workspace.projection);
    const float* cos = workspace.cos.Reserve(rows * size / 2);
    const float* sin = workspace.sin.Reserve(rows * size / 2);
    for (size_t row = 0; row < rows; ++row) {
      kernels_->rotate(cos + row * size / 2, sin + row * size / 2, size / 2,
                       config_.heads + config_.kv_heads, qkv + row * stride);
    }
    const float* keys = qkv + config_.heads * size;
    cache.Write(index, keys, keys + config_.kv_heads * size, stride, rows);
    float* context = workspace.context.Reserve(rows * config_.heads * size);
    nn::CausalAttention(*kernels_, pool, cache, index,
                        {.queries = qkv, .stride = stride, .rows = rows, .heads = config_.heads},
                        workspace.attention, context);
    AddProjection(*layer.attention_output, context, rows, pool, workspace, x);
  }

  // x += ((h Wup) * silu(h Wgate)) Wdown
  void AddMlp(const LlamaLayer& layer, const float* h, size_t rows, ThreadPool* pool,
              nn::DecoderWorkspace& workspace, float* x) const {
    float* inner = workspace.inner.Reserve(rows * config_.inner);
    layer.gated->Forward(pool, h, rows, inner, workspace.projection);
    AddProjection(*layer.down, inner, rows, pool, workspace, x);
  }

  // x += in W
  void AddProjection(const nn::Projection& projection, const float* in, size_t rows,
                     ThreadPool* pool, nn::DecoderWorkspace& workspace, float* x) const {
    float* projected = workspace.projected.Reserve(rows * config_.hidden);
    projection.Forward(pool, in, rows, projected, workspace.projection);
    kernels_->add(projected, rows * config_.hidden, x);
  }

  LlamaConfig config_;
  LlamaWeights weights_;
  const kernels::KernelSet* kernels_;
};

// Takes layers by the names of LlamaForCausalLM's and Qwen2ForCausalLM's parameters.
class LlamaReader {
 public:
  LlamaReader(const LlamaConfig& config, LayerSource& source, const kernels::KernelSet& kernels)
      : config_(config),
        source_(source),
        kernels_(kernels),
        prefix_(source.Contains("embed_tokens.weight") ? "" : "model.") {}

  Result<LlamaWeights> Read() const {
    const std::string embedding_name = prefix_ + "embed_tokens.weight";
    CODERANK_ASSIGN(auto embedding,
                    source_.Embedding(embedding_name, config_.vocabulary, config_.hidden));
    std::vector<LlamaLayer> layers;
    for (size_t i = 0; i < config_.layers; ++i) {
      CODERANK_ASSIGN(LlamaLayer layer, ReadLayer(StrCat(prefix_, "layers.", i, ".")));
      layers.push_back(std::move(layer));
    }
    CODERANK_ASSIGN(auto norm, ReadNorm(prefix_ + "norm"));
    CODERANK_ASSIGN(auto head, ReadHead(embedding_name));
    CODERANK_ASSIGN(auto frequencies, ReadFrequencies());
    return LlamaWeights{std::move(embedding), std::move(layers), std::move(norm), std::move(head),
                        std::move(frequencies)};
  }

 private:
  Result<nn::RmsNorm> ReadNorm(const std::string& name) const {
    const uint64_t shape[] = {config_.hidden};
    CODERANK_ASSIGN(auto gamma, source_.Floats(name + ".weight", shape));
    return nn::RmsNorm(kernels_, std::move(gamma), config_.epsilon);
  }

  Result<std::unique_ptr<nn::Projection>> ReadLinear(const std::string& name, size_t in, size_t out,
                                                     bool bias = false) const {
    ProjectionSpec spec{.weights = {name + ".weight"}, .biases = {}, .in = in, .out = out};
    if (bias) spec.biases = {name + ".bias"};
    return source_.Projection(spec);
  }

  Result<std::unique_ptr<nn::Projection>> ReadQkv(const std::string& attention) const {
    const size_t keys = config_.kv_heads * config_.head_size;
    const size_t queries = config_.heads * config_.head_size;
    ProjectionSpec spec{.weights = {},
                        .biases = {},
                        .in = config_.hidden,
                        .out = queries + 2 * keys,
                        .rows = {queries, keys, keys}};
    for (const char* part : {"q_proj", "k_proj", "v_proj"}) {
      spec.weights.push_back(StrCat(attention, part, ".weight"));
      if (config_.qkv_bias) spec.biases.push_back(StrCat(attention, part, ".bias"));
    }
    return source_.Projection(spec);
  }

  Result<LlamaLayer> ReadLayer(const std::string& layer) const {
    const size_t hidden = config_.hidden;
    const std::string attention = layer + "self_attn.";
    const std::string mlp = layer + "mlp.";
    CODERANK_ASSIGN(auto attention_norm, ReadNorm(layer + "input_layernorm"));
    CODERANK_ASSIGN(auto qkv, ReadQkv(attention));
    CODERANK_ASSIGN(auto attention_output,
                    ReadLinear(attention + "o_proj", config_.heads * config_.head_size, hidden,
                               config_.output_bias));
    CODERANK_ASSIGN(auto mlp_norm, ReadNorm(layer + "post_attention_layernorm"));
    CODERANK_ASSIGN(auto gated, source_.Projection(
                                    {.weights = {mlp + "up_proj.weight", mlp + "gate_proj.weight"},
                                     .biases = {},
                                     .in = hidden,
                                     .out = config_.inner,
                                     .gated = true}));
    CODERANK_ASSIGN(auto down, ReadLinear(mlp + "down_proj", config_.inner, hidden));
    return LlamaLayer{std::move(attention_norm), std::move(qkv),   std::move(attention_output),
                      std::move(mlp_norm),       std::move(gated), std::move(down)};
  }

  Result<std::unique_ptr<nn::Projection>> ReadHead(const std::string& embedding) const {
    const std::string name = config_.tied_head ? embedding : "lm_head.weight";
    if (!source_.Contains(name)) return std::unique_ptr<nn::Projection>();
    return source_.Projection(
        {.weights = {name}, .biases = {}, .in = config_.hidden, .out = config_.vocabulary});
  }

  // GGUF files hold the effect of Llama 3's scaling as a divisor of each frequency.
  Result<std::vector<float>> ReadFrequencies() const {
    constexpr char kDivisors[] = "rope_freqs.weight";
    std::vector<float> frequencies = RotaryFrequencies(config_);
    if (!source_.Contains(kDivisors)) return frequencies;
    const uint64_t shape[] = {frequencies.size()};
    CODERANK_ASSIGN(const auto divisors, source_.Floats(kDivisors, shape));
    for (size_t i = 0; i < frequencies.size(); ++i) frequencies[i] /= divisors[i];
    return frequencies;
  }

  const LlamaConfig& config_;
  LayerSource& source_;
  const kernels::KernelSet& kernels_;
  std::string prefix_;
};

}  // namespace

Result<std::unique_ptr<Decoder>> LoadLlama(const JsonConfig& json, LayerSource& layers,
                                           const kernels::KernelSet& kernels) {
  CODERANK_ASSIGN(const LlamaConfig config, ReadLlamaConfig(json));
  CODERANK_ASSIGN(LlamaWeights weights, LlamaReader(config, layers, kernels).Read());
  return std::unique_ptr<Decoder>(std::make_unique<Llama>(config, std::move(weights), kernels));
}

}  // namespace coderank
