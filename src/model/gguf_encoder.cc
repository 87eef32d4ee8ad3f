#include "model/gguf_encoder.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/strings.h"
#include "base/try.h"

namespace coderank {
namespace {

using nlohmann::json;

// The loaders of the architectures have limits of their own, which are far below.
constexpr uint64_t kMaxSize = UINT32_MAX;
constexpr uint64_t kMaxTokens = 1 << 22;
constexpr std::string_view kEmbeddings = "token_embd.weight";

// Keys below "<architecture>." and the tensors of one file.
class EncoderKeys {
 public:
  EncoderKeys(const Gguf& gguf, std::string_view architecture)
      : gguf_(gguf), prefix_(StrCat(architecture, ".")) {}

  const GgufMetadata& metadata() const { return gguf_.metadata; }
  std::string Key(std::string_view key) const { return StrCat(prefix_, key); }
  Result<uint64_t> Size(std::string_view key) const {
    return metadata().RequiredInteger(Key(key), 1, kMaxSize);
  }
  bool HasTensor(std::string_view name) const { return gguf_.tensors.contains(name); }

  // The first extent of a matrix; 0 where there is no such tensor.
  Result<uint64_t> Rows(std::string_view name) const {
    const auto found = gguf_.tensors.find(name);
    if (found == gguf_.tensors.end()) return uint64_t{0};
    const std::vector<uint64_t>& shape = found->second.shape;
    if (shape.size() == 2) return shape.front();
    return Corrupt(StrCat(metadata().source(), ": tensor \"", name,
                          "\": expected 2 dimensions, found ", shape.size()));
  }

 private:
  const Gguf& gguf_;
  std::string prefix_;
};

// What would make another model of it than the two architectures here.
Status CheckVariant(const EncoderKeys& keys) {
  const GgufMetadata& metadata = keys.metadata();
  CODERANK_ASSIGN(const std::optional<bool> causal, metadata.Flag(keys.Key("attention.causal")));
  if (causal.value_or(false)) {
    return metadata.Unexpected(keys.Key("attention.causal"), "false, an encoder");
  }
  const std::string scaling = keys.Key("rope.scaling.type");
  CODERANK_ASSIGN(const std::optional<std::string_view> type, metadata.Text(scaling));
  if (type.value_or("none") != "none") {
    return metadata.Unexpected(scaling, "none: scaled positions are not supported");
  }
  CODERANK_ASSIGN(const std::optional<uint64_t> parts,
                  metadata.Integer("split.count", 0, UINT64_MAX));
  if (parts.value_or(1) > 1) {
    return metadata.Unexpected("split.count", "1: put the parts of a split model together first");
  }
  return OkStatus();
}

// Of the sizes that every encoder has, under the names that the loader of `bert` or `nomic_bert`
// reads.
Status ReadSizes(const EncoderKeys& keys, std::span<const char* const, 4> names, json& config) {
  constexpr const char* kKeys[] = {"embedding_length", "block_count", "attention.head_count",
                                   "feed_forward_length"};
  for (size_t i = 0; i < names.size(); ++i) {
    CODERANK_ASSIGN(config[names[i]], keys.Size(kKeys[i]));
  }
  CODERANK_ASSIGN(config["vocab_size"], keys.Rows(kEmbeddings));
  CODERANK_ASSIGN(config["type_vocab_size"], keys.Rows("token_types.weight"));
  return OkStatus();
}

Result<double> Epsilon(const EncoderKeys& keys) {
  const std::string key = keys.Key("attention.layer_norm_epsilon");
  CODERANK_ASSIGN(const std::optional<double> epsilon, keys.metadata().Number(key));
  if (!epsilon) return keys.metadata().Unexpected(key, "a number");
  return *epsilon;
}

Result<json> BertConfig(const EncoderKeys& keys) {
  constexpr const char* kNames[] = {"hidden_size", "num_hidden_layers", "num_attention_heads",
                                    "intermediate_size"};
  json config{{"model_type", "bert"}, {"hidden_act", "gelu"}};
  CODERANK_TRY(ReadSizes(keys, kNames, config));
  CODERANK_ASSIGN(config["max_position_embeddings"], keys.Rows("position_embd.weight"));
  CODERANK_ASSIGN(config["layer_norm_eps"], Epsilon(keys));
  return config;
}

// The whole head rotates, or the key says otherwise.
Status CheckRotation(const EncoderKeys& keys, const json& config) {
  const auto hidden = config["n_embd"].get<uint64_t>();
  const auto heads = config["n_head"].get<uint64_t>();
  const std::string key = keys.Key("rope.dimension_count");
  CODERANK_ASSIGN(const std::optional<uint64_t> rotated,
                  keys.metadata().Integer(key, 0, UINT64_MAX));
  if (rotated.value_or(hidden / heads) == hidden / heads) return OkStatus();
  return keys.metadata().Unexpected(key, StrCat("the head's size, ", hidden / heads));
}

Result<json> NomicBertConfig(const EncoderKeys& keys) {
  constexpr const char* kNames[] = {"n_embd", "n_layer", "n_head", "n_inner"};
  // Biases and a missing gate are told by the first layer's tensors; the loader refuses them.
  json config{{"model_type", "nomic_bert"},
              {"activation_function", keys.HasTensor("blk.0.ffn_gate.weight") ? "swiglu" : "gelu"},
              {"qkv_proj_bias", keys.HasTensor("blk.0.attn_qkv.bias")},
              {"mlp_fc1_bias", keys.HasTensor("blk.0.ffn_up.bias")},
              {"mlp_fc2_bias", keys.HasTensor("blk.0.ffn_down.bias")},
              {"rotary_emb_fraction", 1.0}};
  CODERANK_TRY(ReadSizes(keys, kNames, config));
  CODERANK_TRY(CheckRotation(keys, config));
  CODERANK_ASSIGN(config["n_positions"], keys.Size("context_length"));
  CODERANK_ASSIGN(config["layer_norm_epsilon"], Epsilon(keys));
  CODERANK_ASSIGN(const std::optional<double> base,
                  keys.metadata().Number(keys.Key("rope.freq_base")));
  config["rotary_emb_base"] = base.value_or(10000);  // the format's default
  return config;
}

Result<std::string_view> Architecture(const Gguf& gguf) {
  return gguf.metadata.RequiredText("general.architecture");
}

// The first of the keys that is there.
Result<std::optional<uint64_t>> TokenId(const GgufMetadata& metadata,
                                        std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    CODERANK_ASSIGN(const std::optional<uint64_t> id,
                    metadata.Integer(StrCat("tokenizer.ggml.", key), 0, kMaxTokens));
    if (id) return id;
  }
  return std::optional<uint64_t>();
}

Status ReadSpecialIds(const GgufMetadata& metadata, GgufVocabulary& vocabulary) {
  CODERANK_ASSIGN(vocabulary.cls, TokenId(metadata, {"cls_token_id", "bos_token_id"}));
  // The format spells it so.
  CODERANK_ASSIGN(vocabulary.separator, TokenId(metadata, {"seperator_token_id", "eos_token_id"}));
  CODERANK_ASSIGN(vocabulary.unknown, TokenId(metadata, {"unknown_token_id"}));
  CODERANK_ASSIGN(vocabulary.padding, TokenId(metadata, {"padding_token_id"}));
  CODERANK_ASSIGN(vocabulary.mask, TokenId(metadata, {"mask_token_id"}));
  return OkStatus();
}

}  // namespace

Result<JsonConfig> GgufEncoderConfig(const Gguf& gguf) {
  CODERANK_ASSIGN(const std::string_view architecture, Architecture(gguf));
  if (architecture != "bert" && architecture != "nomic-bert") {
    return InvalidArgument(StrCat(gguf.metadata.source(), ": general.architecture: expected bert, ",
                                  "nomic-bert, qwen2 or llama, found \"", architecture, "\""));
  }
  const EncoderKeys keys(gguf, architecture);
  CODERANK_TRY(CheckVariant(keys));
  CODERANK_ASSIGN(json config, architecture == "bert" ? BertConfig(keys) : NomicBertConfig(keys));
  return JsonConfig::FromObject(std::move(config), gguf.metadata.source());
}

bool HasPooling(const Gguf& gguf) {
  const auto architecture = Architecture(gguf);
  const auto type =
      architecture ? gguf.metadata.Integer(StrCat(*architecture, ".pooling_type"), 1, UINT64_MAX)
                   : Result<std::optional<uint64_t>>(std::nullopt);
  return type && *type;
}

Result<Pooling> GgufPooling(const Gguf& gguf) {
  constexpr uint64_t kMean = 1;  // the format's numbers
  constexpr uint64_t kCls = 2;
  constexpr uint64_t kLast = 3;
  CODERANK_ASSIGN(const std::string_view architecture, Architecture(gguf));
  const std::string key = StrCat(architecture, ".pooling_type");
  CODERANK_ASSIGN(const std::optional<uint64_t> type, gguf.metadata.Integer(key, 0, UINT64_MAX));
  if (type == kMean) return Pooling::kMean;
  if (type == kCls) return Pooling::kCls;
  if (type == kLast) return Pooling::kLast;
  return gguf.metadata.Unexpected(
      key,
      "1 (mean), 2 (cls) or 3 (last); convert the model together with its 1_Pooling folder; a "
      "cross-encoder (4) is read from its folder of safetensors");
}

Result<uint64_t> GgufContextLength(const Gguf& gguf) {
  CODERANK_ASSIGN(const std::string_view architecture, Architecture(gguf));
  return gguf.metadata.RequiredInteger(StrCat(architecture, ".context_length"), 2, kMaxSize);
}

Result<GgufVocabulary> ReadGgufVocabulary(const Gguf& gguf) {
  const GgufMetadata& metadata = gguf.metadata;
  CODERANK_ASSIGN(const std::string_view model, metadata.RequiredText("tokenizer.ggml.model"));
  if (model != "bert") return metadata.Unexpected("tokenizer.ggml.model", "\"bert\", a WordPiece");
  GgufVocabulary vocabulary;
  CODERANK_ASSIGN(auto tokens, metadata.Texts("tokenizer.ggml.tokens", kMaxTokens));
  if (!tokens) return metadata.Unexpected("tokenizer.ggml.tokens", "an array of strings");
  vocabulary.tokens = *std::move(tokens);
  CODERANK_ASSIGN(auto types, metadata.Integers("tokenizer.ggml.token_type", kMaxTokens));
  vocabulary.types = std::move(types).value_or(std::vector<int64_t>());
  CODERANK_TRY(ReadSpecialIds(metadata, vocabulary));
  CODERANK_ASSIGN(const std::optional<bool> lowercase,
                  metadata.Flag("tokenizer.ggml.normalizer.lowercase"));
  vocabulary.lowercase = lowercase.value_or(true);
  CODERANK_ASSIGN(vocabulary.strip_accents,
                  metadata.Flag("tokenizer.ggml.normalizer.strip_accents"));
  return vocabulary;
}

}  // namespace coderank
