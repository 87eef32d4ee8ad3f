#include "model/nomic_bert_config.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/strings.h"
#include "base/try.h"

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
constexpr double kMaxBase = 1e9;

// The variants that change the equations. A field that is missing has the value that the published
// modelling code gives it.
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
  const auto scale = json.object().find("rotary_emb_scale_base");
  if (scale != json.object().end() && !scale->is_null()) {
    return json.Unexpected("rotary_emb_scale_base", "null: scaled positions are not supported");
  }
  CODERANK_ASSIGN(const std::optional<double> fraction, json.Number("rotary_emb_fraction", 0, 1));
  if (fraction.value_or(0) != 1) return json.Unexpected("rotary_emb_fraction", "1");
  CODERANK_ASSIGN(const std::string activation, json.RequiredText("activation_function"));
  if (activation != "swiglu") return json.Unexpected("activation_function", "\"swiglu\"");
  return OkStatus();
}

// Beyond max_trained_positions the rotation goes on unscaled, as in the reference. With a
// rotary_scaling_factor the reference turns by other angles there: no text gets that far.
Result<size_t> ReadPositions(const JsonConfig& json) {
  constexpr uint64_t kTrained = 2048;  // the published code's default
  CODERANK_ASSIGN(const uint64_t positions, json.RequiredInteger("n_positions", 2, kMaxPositions));
  CODERANK_ASSIGN(const auto factor, json.Number("rotary_scaling_factor", 1e-6, 1e6));
  if (!factor) return positions;
  CODERANK_ASSIGN(const auto trained, json.Integer("max_trained_positions", 2, UINT64_MAX));
  return std::min(positions, trained.value_or(kTrained));
}

// transformers' rope_parameters: the base, and that angles are not scaled. "dynamic" scales them
// beyond max_position_embeddings only.
Result<double> ReadRotaryBase(const JsonConfig& json) {
  constexpr double kDefault = 1000;
  const auto found = json.object().find("rope_parameters");
  if (found == json.object().end() || found->is_null()) return kDefault;
  CODERANK_ASSIGN(const JsonConfig rotary,
                  JsonConfig::FromObject(*found, StrCat(json.source(), ": rope_parameters")));
  CODERANK_ASSIGN(const auto type, rotary.Text("rope_type"));
  if (type.value_or("default") != "default" && *type != "dynamic") {
    return rotary.Unexpected("rope_type", "\"default\": scaled positions are not supported");
  }
  CODERANK_ASSIGN(const auto base, rotary.Number("rope_theta", 1, kMaxBase));
  return base.value_or(kDefault);
}

// What the published names have no word for.
Status CheckTransformersVariant(const JsonConfig& json) {
  CODERANK_ASSIGN(const auto activation, json.Text("hidden_act"));
  if (activation.value_or("silu") != "silu") return json.Unexpected("hidden_act", "\"silu\"");
  CODERANK_ASSIGN(const uint64_t hidden, json.RequiredInteger("hidden_size", 2, kMaxHidden));
  CODERANK_ASSIGN(const uint64_t heads, json.RequiredInteger("num_attention_heads", 1, hidden));
  CODERANK_ASSIGN(const auto head_size, json.Integer("head_dim", 1, kMaxHidden));
  if (head_size.value_or(hidden / heads) == hidden / heads) return OkStatus();
  return json.Unexpected("head_dim", StrCat("hidden_size / num_attention_heads, ", hidden / heads));
}

}  // namespace

Result<JsonConfig> PublishedNomicBertConfig(const JsonConfig& json) {
  constexpr struct {
    const char* published;
    const char* transformers;
    uint64_t otherwise;  // transformers' default
  } kSizes[] = {{"n_embd", "hidden_size", 768},
                {"n_layer", "num_hidden_layers", 12},
                {"n_head", "num_attention_heads", 12},
                {"n_inner", "intermediate_size", 3072},
                {"n_positions", "max_position_embeddings", 2048},
                {"type_vocab_size", "type_vocab_size", 2},
                {"vocab_size", "vocab_size", 30528}};
  if (!json.object().contains("hidden_size") || json.object().contains("n_embd")) return json;
  CODERANK_TRY(CheckTransformersVariant(json));
  nlohmann::json published{{"model_type", "nomic_bert"}, {"activation_function", "swiglu"},
                           {"qkv_proj_bias", false},     {"mlp_fc1_bias", false},
                           {"mlp_fc2_bias", false},      {"rotary_emb_fraction", 1.0}};
  for (const auto& size : kSizes) {
    CODERANK_ASSIGN(const auto value, json.Integer(size.transformers, 1, UINT32_MAX));
    published[size.published] = value.value_or(size.otherwise);
  }
  CODERANK_ASSIGN(const auto epsilon, json.Number("layer_norm_eps", 0, 1));
  published["layer_norm_epsilon"] = epsilon.value_or(1e-12);
  CODERANK_ASSIGN(published["rotary_emb_base"], ReadRotaryBase(json));
  return JsonConfig::FromObject(std::move(published), json.source());
}

Result<NomicBertConfig> ReadNomicBertConfig(const JsonConfig& any) {
  CODERANK_ASSIGN(const JsonConfig json, PublishedNomicBertConfig(any));
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
  CODERANK_ASSIGN(const std::optional<double> base, json.Number("rotary_emb_base", 1, kMaxBase));
  config.rotary_base = static_cast<float>(base.value_or(10000));  // NomicBertConfig's default
  return config;
}

}  // namespace coderank
