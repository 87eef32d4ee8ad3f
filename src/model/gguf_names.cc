#include "model/gguf_names.h"

#include <algorithm>
#include <span>

#include "base/strings.h"

namespace coderank {
namespace {

struct Name {
  std::string_view gguf;
  std::string_view published;
};

struct Names {
  std::string_view architecture;  // general.architecture
  std::string_view layers;        // what stands for "blk."
  std::span<const Name> outside;  // without ".weight" and ".bias"
  std::span<const Name> of_layer;
};

constexpr Name kBertOutside[] = {
    {"token_embd", "embeddings.word_embeddings"},
    {"position_embd", "embeddings.position_embeddings"},
    {"token_types", "embeddings.token_type_embeddings"},
    {"token_embd_norm", "embeddings.LayerNorm"},
};
constexpr Name kBertLayer[] = {
    {"attn_q", "attention.self.query"},
    {"attn_k", "attention.self.key"},
    {"attn_v", "attention.self.value"},
    {"attn_output", "attention.output.dense"},
    {"attn_output_norm", "attention.output.LayerNorm"},
    {"ffn_up", "intermediate.dense"},
    {"ffn_down", "output.dense"},
    {"layer_output_norm", "output.LayerNorm"},
};
constexpr Name kNomicBertOutside[] = {
    {"token_embd", "embeddings.word_embeddings"},
    {"token_types", "embeddings.token_type_embeddings"},
    {"token_embd_norm", "emb_ln"},
};
constexpr Name kNomicBertLayer[] = {
    {"attn_qkv", "attn.Wqkv"},      {"attn_output", "attn.out_proj"}, {"attn_output_norm", "norm1"},
    {"ffn_up", "mlp.fc11"},         {"ffn_gate", "mlp.fc12"},         {"ffn_down", "mlp.fc2"},
    {"layer_output_norm", "norm2"},
};
constexpr Name kLlamaOutside[] = {
    {"token_embd", "model.embed_tokens"},
    {"output_norm", "model.norm"},
    {"output", "lm_head"},
};
constexpr Name kLlamaLayer[] = {
    {"attn_norm", "input_layernorm"},    {"attn_q", "self_attn.q_proj"},
    {"attn_k", "self_attn.k_proj"},      {"attn_v", "self_attn.v_proj"},
    {"attn_output", "self_attn.o_proj"}, {"ffn_norm", "post_attention_layernorm"},
    {"ffn_gate", "mlp.gate_proj"},       {"ffn_up", "mlp.up_proj"},
    {"ffn_down", "mlp.down_proj"},
};
constexpr Names kNames[] = {
    {"bert", "encoder.layer.", kBertOutside, kBertLayer},
    {"nomic-bert", "encoder.layers.", kNomicBertOutside, kNomicBertLayer},
    {"llama", "model.layers.", kLlamaOutside, kLlamaLayer},
    {"qwen2", "model.layers.", kLlamaOutside, kLlamaLayer},
};

std::string_view Find(std::span<const Name> names, std::string_view gguf) {
  const auto found =
      std::find_if(names.begin(), names.end(), [&](const Name& name) { return name.gguf == gguf; });
  return found == names.end() ? std::string_view() : found->published;
}

}  // namespace

std::string PublishedTensorName(std::string_view architecture, std::string_view name) {
  constexpr std::string_view kLayer = "blk.";
  const auto* names = std::find_if(std::begin(kNames), std::end(kNames),
                                   [&](const Names& n) { return n.architecture == architecture; });
  const size_t end = std::min(name.rfind('.'), name.size());  // of the name without its ".weight"
  if (names == std::end(kNames)) return std::string(name);
  if (!name.starts_with(kLayer)) {
    const std::string_view published = Find(names->outside, name.substr(0, end));
    return published.empty() ? std::string(name) : StrCat(published, name.substr(end));
  }
  const size_t number_end = name.find('.', kLayer.size());
  if (number_end >= end) return std::string(name);
  const std::string_view number = name.substr(kLayer.size(), number_end - kLayer.size());
  const std::string_view published =
      Find(names->of_layer, name.substr(number_end + 1, end - number_end - 1));
  if (published.empty()) return std::string(name);
  return StrCat(names->layers, number, ".", published, name.substr(end));
}

}  // namespace coderank
