#include "model/gguf_decoder.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "model/gguf_encoder.h"

namespace coderank {
namespace {

using nlohmann::json;

// The loader of the architecture has limits of its own, which are far below.
constexpr uint64_t kMaxSize = UINT32_MAX;
constexpr uint64_t kMaxTokens = 1 << 22;
constexpr uint64_t kMaxMerges = 1 << 23;

// Keys below "<architecture>." of one file.
class DecoderKeys {
 public:
  DecoderKeys(const Gguf& gguf, std::string_view architecture)
      : gguf_(gguf), prefix_(StrCat(architecture, ".")) {}

  const GgufMetadata& metadata() const { return gguf_.metadata; }
  std::string Key(std::string_view key) const { return StrCat(prefix_, key); }
  Result<uint64_t> Size(std::string_view key) const {
    return metadata().RequiredInteger(Key(key), 1, kMaxSize);
  }
  Result<std::optional<uint64_t>> OptionalSize(std::string_view key) const {
    return metadata().Integer(Key(key), 1, kMaxSize);
  }
  Result<std::optional<double>> Number(std::string_view key) const {
    return metadata().Number(Key(key));
  }
  bool HasTensor(std::string_view name) const { return gguf_.tensors.contains(name); }

 private:
  const Gguf& gguf_;
  std::string prefix_;
};

Result<std::string_view> Architecture(const Gguf& gguf) {
  return gguf.metadata.RequiredText("general.architecture");
}

Status CheckVariant(const DecoderKeys& keys) {
  const GgufMetadata& metadata = keys.metadata();
  const std::string experts = keys.Key("expert_count");
  CODERANK_ASSIGN(const auto expert_count, metadata.Integer(experts, 0, UINT64_MAX));
  if (expert_count.value_or(0) != 0) return metadata.Unexpected(experts, "no mixture of experts");
  CODERANK_ASSIGN(const auto parts, metadata.Integer("split.count", 0, UINT64_MAX));
  if (parts.value_or(1) > 1) {
    return metadata.Unexpected("split.count", "1: put the parts of a split model together first");
  }
  return OkStatus();
}

Status ReadSizes(const DecoderKeys& keys, json& config) {
  constexpr std::pair<const char*, const char*> kSizes[] = {
      {"embedding_length", "hidden_size"},
      {"block_count", "num_hidden_layers"},
      {"attention.head_count", "num_attention_heads"},
      {"feed_forward_length", "intermediate_size"},
      {"context_length", "max_position_embeddings"}};
  for (const auto& [key, name] : kSizes) {
    CODERANK_ASSIGN(config[name], keys.Size(key));
  }
  CODERANK_ASSIGN(const auto kv_heads, keys.OptionalSize("attention.head_count_kv"));
  if (kv_heads) config["num_key_value_heads"] = *kv_heads;
  return OkStatus();
}

// The whole head rotates, keys and values have one size.
Status ReadHeadSize(const DecoderKeys& keys, json& config) {
  const auto heads = config["num_attention_heads"].get<uint64_t>();
  CODERANK_ASSIGN(const auto key_length, keys.OptionalSize("attention.key_length"));
  const uint64_t size = key_length.value_or(config["hidden_size"].get<uint64_t>() / heads);
  for (const char* key : {"attention.value_length", "rope.dimension_count"}) {
    CODERANK_ASSIGN(const auto length, keys.OptionalSize(key));
    if (length.value_or(size) != size) {
      return keys.metadata().Unexpected(keys.Key(key), StrCat("the head's size, ", size));
    }
  }
  if (key_length) config["head_dim"] = size;
  return OkStatus();
}

// The kinds of scaling by which the file has to do with this: Llama 3's is in a tensor instead
// (llama.cc).
Status ReadRotaryScaling(const DecoderKeys& keys, json& config) {
  const GgufMetadata& metadata = keys.metadata();
  const std::string key = keys.Key("rope.scaling.type");
  CODERANK_ASSIGN(const auto type, metadata.Text(key));
  if (type.value_or("none") == "none") return OkStatus();
  if (*type != "linear" && *type != "yarn") {
    return metadata.Unexpected(key, "none, linear or yarn: others are not supported");
  }
  CODERANK_ASSIGN(const auto magnitude, keys.Number("rope.scaling.attn_factor"));
  if (magnitude.value_or(1) != 1) {
    return metadata.Unexpected(keys.Key("rope.scaling.attn_factor"), "1");
  }
  json scaling{{"rope_type", *type}};
  constexpr std::pair<const char*, const char*> kNumbers[] = {
      {"factor", "factor"},
      {"original_context_length", "original_max_position_embeddings"},
      {"yarn_beta_fast", "beta_fast"},
      {"yarn_beta_slow", "beta_slow"}};
  for (const auto& [name, published] : kNumbers) {
    CODERANK_ASSIGN(const auto number, keys.Number(StrCat("rope.scaling.", name)));
    if (number) scaling[published] = *number;
  }
  config["rope_scaling"] = std::move(scaling);
  return OkStatus();
}

// Of the embedding's rows.
Result<uint64_t> VocabularySize(const Gguf& gguf) {
  const auto found = gguf.tensors.find("token_embd.weight");
  if (found != gguf.tensors.end() && found->second.shape.size() == 2) {
    return found->second.shape.front();
  }
  return Corrupt(
      StrCat(gguf.metadata.source(), ": expected a tensor \"token_embd.weight\" of 2 dimensions"));
}

// An id that is put around every text if its flag says so.
Result<std::optional<uint64_t>> SpecialId(const GgufMetadata& metadata, const char* flag,
                                          const char* key, bool otherwise) {
  CODERANK_ASSIGN(const auto on, metadata.Flag(flag));
  if (!on.value_or(otherwise)) return std::optional<uint64_t>();
  return metadata.Integer(key, 0, kMaxTokens);
}

}  // namespace

Result<JsonConfig> GgufDecoderConfig(const Gguf& gguf) {
  CODERANK_ASSIGN(const std::string_view architecture, Architecture(gguf));
  if (architecture != "llama" && architecture != "qwen2") {
    return InvalidArgument(StrCat(gguf.metadata.source(), ": general.architecture: expected llama ",
                                  "or qwen2, found \"", architecture, "\""));
  }
  const DecoderKeys keys(gguf, architecture);
  CODERANK_TRY(CheckVariant(keys));
  json config{{"model_type", architecture},
              {"tie_word_embeddings", !keys.HasTensor("output.weight") && !HasPooling(gguf)},
              {"attention_bias", keys.HasTensor("blk.0.attn_q.bias")}};
  CODERANK_TRY(ReadSizes(keys, config));
  CODERANK_TRY(ReadHeadSize(keys, config));
  CODERANK_ASSIGN(config["vocab_size"], VocabularySize(gguf));
  CODERANK_ASSIGN(const auto epsilon, keys.Number("attention.layer_norm_rms_epsilon"));
  if (!epsilon) {
    return gguf.metadata.Unexpected(keys.Key("attention.layer_norm_rms_epsilon"), "a number");
  }
  config["rms_norm_eps"] = *epsilon;
  CODERANK_ASSIGN(const auto base, keys.Number("rope.freq_base"));
  config["rope_theta"] = base.value_or(10000);  // the format's default
  CODERANK_TRY(ReadRotaryScaling(keys, config));
  return JsonConfig::FromObject(std::move(config), gguf.metadata.source());
}

Result<GgufBytePairs> ReadGgufBytePairs(const Gguf& gguf) {
  const GgufMetadata& metadata = gguf.metadata;
  CODERANK_ASSIGN(const std::string_view model, metadata.RequiredText("tokenizer.ggml.model"));
  if (model != "gpt2") {
    return metadata.Unexpected("tokenizer.ggml.model", "\"gpt2\", byte-level BPE");
  }
  GgufBytePairs values;
  CODERANK_ASSIGN(auto tokens, metadata.Texts("tokenizer.ggml.tokens", kMaxTokens));
  if (!tokens) return metadata.Unexpected("tokenizer.ggml.tokens", "an array of strings");
  values.tokens = *std::move(tokens);
  CODERANK_ASSIGN(auto types, metadata.Integers("tokenizer.ggml.token_type", kMaxTokens));
  values.types = std::move(types).value_or(std::vector<int64_t>());
  CODERANK_ASSIGN(auto merges, metadata.Texts("tokenizer.ggml.merges", kMaxMerges));
  if (!merges) return metadata.Unexpected("tokenizer.ggml.merges", "an array of strings");
  values.merges = *std::move(merges);
  CODERANK_ASSIGN(const auto splitter, metadata.Text("tokenizer.ggml.pre"));
  values.splitter = splitter.value_or("gpt-2");
  const bool llama3 = values.splitter == "llama-bpe" || values.splitter == "llama3";
  CODERANK_ASSIGN(values.begin, SpecialId(metadata, "tokenizer.ggml.add_bos_token",
                                          "tokenizer.ggml.bos_token_id", llama3));
  CODERANK_ASSIGN(values.end, SpecialId(metadata, "tokenizer.ggml.add_eos_token",
                                        "tokenizer.ggml.eos_token_id", false));
  return values;
}

Result<std::optional<InterleavedHeads>> FindInterleavedHeads(const Gguf& gguf) {
  CODERANK_ASSIGN(const std::string_view architecture, Architecture(gguf));
  if (architecture != "llama") return std::optional<InterleavedHeads>();
  const DecoderKeys keys(gguf, architecture);
  CODERANK_ASSIGN(const uint64_t queries, keys.Size("attention.head_count"));
  CODERANK_ASSIGN(const auto kv_heads, keys.OptionalSize("attention.head_count_kv"));
  return std::optional(InterleavedHeads{.queries = queries, .keys = kv_heads.value_or(queries)});
}

}  // namespace coderank
