#include "model/llama_config.h"

#include "base/strings.h"
#include "base/try.h"
#include "nn/rotary.h"

namespace coderank {
namespace {

// Far above any published model (Llama 3 405B: 16,384 x 126), so that sizes cannot overflow.
constexpr uint64_t kMaxHidden = 1 << 15;
constexpr uint64_t kMaxLayers = 512;
constexpr uint64_t kMaxInner = 1 << 18;
constexpr uint64_t kMaxHeadSize = 1 << 10;
constexpr uint64_t kMaxPositions = 1 << 24;
constexpr uint64_t kMaxVocabulary = 1 << 22;

Status CheckVariant(const JsonConfig& json) {
  CODERANK_ASSIGN(const std::string type, json.RequiredText("model_type"));
  if (!IsDecoder(type)) {
    return InvalidArgument(StrCat(json.source(), ": model_type: expected qwen2 or llama, found \"",
                                  type, "\"; other decoders are not supported"));
  }
  for (const char* flag : {"use_sliding_window", "mlp_bias"}) {
    CODERANK_ASSIGN(const std::optional<bool> on, json.Flag(flag));
    if (on.value_or(false)) return json.Unexpected(flag, "false");
  }
  CODERANK_ASSIGN(const std::optional<std::string> activation, json.Text("hidden_act"));
  if (activation.value_or("silu") != "silu") return json.Unexpected("hidden_act", "\"silu\"");
  return OkStatus();
}

Status ReadSizes(const JsonConfig& json, LlamaConfig& config) {
  CODERANK_ASSIGN(config.hidden, json.RequiredInteger("hidden_size", 2, kMaxHidden));
  CODERANK_ASSIGN(config.layers, json.RequiredInteger("num_hidden_layers", 1, kMaxLayers));
  CODERANK_ASSIGN(config.heads, json.RequiredInteger("num_attention_heads", 1, config.hidden));
  CODERANK_ASSIGN(const auto kv_heads, json.Integer("num_key_value_heads", 1, config.heads));
  config.kv_heads = kv_heads.value_or(config.heads);
  CODERANK_ASSIGN(config.inner, json.RequiredInteger("intermediate_size", 1, kMaxInner));
  CODERANK_ASSIGN(config.positions,
                  json.RequiredInteger("max_position_embeddings", 2, kMaxPositions));
  CODERANK_ASSIGN(config.vocabulary, json.RequiredInteger("vocab_size", 1, kMaxVocabulary));
  CODERANK_ASSIGN(const auto head_size, json.Integer("head_dim", 2, kMaxHeadSize));
  config.head_size = head_size.value_or(config.hidden / config.heads);
  if (config.heads % config.kv_heads != 0) {
    return json.Unexpected("num_key_value_heads",
                           StrCat("a divisor of num_attention_heads ", config.heads));
  }
  if (config.head_size % 2 != 0 || config.head_size == 0 ||
      (!head_size && config.hidden % config.heads != 0)) {
    return json.Unexpected("num_attention_heads", StrCat("a number that cuts hidden_size ",
                                                         config.hidden, " into even heads"));
  }
  return OkStatus();
}

// The scaling is written in `rope_scaling`, newer files have everything in `rope_parameters`.
Status ReadRotary(const JsonConfig& json, LlamaConfig& config) {
  constexpr double kMaxBase = 1e12;
  config.rotary_base = 10000;  // the published configurations' default
  CODERANK_ASSIGN(const std::optional<double> base, json.Number("rope_theta", 1, kMaxBase));
  if (base) config.rotary_base = static_cast<float>(*base);
  for (const char* field : {"rope_scaling", "rope_parameters"}) {
    const auto found = json.object().find(field);
    if (found == json.object().end() || found->is_null()) continue;
    CODERANK_ASSIGN(const JsonConfig rotary,
                    JsonConfig::FromObject(*found, StrCat(json.source(), ": ", field)));
    CODERANK_ASSIGN(const std::optional<double> inner, rotary.Number("rope_theta", 1, kMaxBase));
    if (inner) config.rotary_base = static_cast<float>(*inner);
    CODERANK_ASSIGN(const auto scaling, ReadRotaryScaling(rotary, config.positions));
    if (scaling) config.scaling = scaling;
  }
  return OkStatus();
}

Status ReadLayerTypes(const JsonConfig& json) {
  const auto types = json.object().find("layer_types");
  if (types == json.object().end() || types->is_null()) return OkStatus();
  for (const nlohmann::json& type : *types) {
    if (type != "full_attention") return json.Unexpected("layer_types", "\"full_attention\" only");
  }
  return OkStatus();
}

}  // namespace

bool IsDecoder(std::string_view model_type) {
  return model_type == "qwen2" || model_type == "llama";
}

Result<LlamaConfig> ReadLlamaConfig(const JsonConfig& json) {
  CODERANK_TRY(CheckVariant(json));
  CODERANK_TRY(ReadLayerTypes(json));
  LlamaConfig config{};
  CODERANK_TRY(ReadSizes(json, config));
  CODERANK_TRY(ReadRotary(json, config));
  CODERANK_ASSIGN(const std::optional<double> epsilon, json.Number("rms_norm_eps", 0, 1));
  config.epsilon = static_cast<float>(epsilon.value_or(1e-6));  // the configurations' default
  CODERANK_ASSIGN(const std::optional<bool> bias, json.Flag("attention_bias"));
  const bool qwen2 = json.object().value("model_type", "") == "qwen2";
  config.qkv_bias = qwen2 || bias.value_or(false);
  config.output_bias = !qwen2 && bias.value_or(false);
  CODERANK_ASSIGN(const std::optional<bool> tied, json.Flag("tie_word_embeddings"));
  config.tied_head = tied.value_or(false);
  return config;
}

std::vector<float> RotaryFrequencies(const LlamaConfig& config) {
  std::vector<float> frequencies = nn::InverseFrequencies(config.head_size, config.rotary_base);
  if (config.scaling) ScaleFrequencies(*config.scaling, config.rotary_base, frequencies);
  return frequencies;
}

}  // namespace coderank
