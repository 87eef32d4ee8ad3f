#include "support/tiny_model.h"

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coderank::testing {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kPositions = 128;

void WriteText(const std::filesystem::path& path, std::string_view text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream out(path, std::ios::binary);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
}

// Every printable ASCII character as a first and as a following piece, so that no text is unknown.
std::vector<std::string> Vocabulary() {
  std::vector<std::string> pieces = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
  for (char c = '!'; c <= '~'; ++c) {
    if (c >= 'A' && c <= 'Z') continue;
    pieces.emplace_back(1, c);
    pieces.push_back(std::string("##") + c);
  }
  for (const char* word : {"the", "return", "int", "file", "index", "read", "write"}) {
    pieces.emplace_back(word);
  }
  return pieces;
}

struct Tensor {
  std::string name;
  std::vector<int> shape;
};

std::vector<Tensor> Tensors(int vocabulary, const TinyModelOptions& options) {
  const int hidden = options.hidden;
  const int inner = 2 * hidden;
  std::vector<Tensor> tensors = {
      {"embeddings.word_embeddings.weight", {vocabulary, hidden}},
      {"embeddings.position_embeddings.weight", {kPositions, hidden}},
      {"embeddings.token_type_embeddings.weight", {2, hidden}},
      {"embeddings.LayerNorm.weight", {hidden}},
      {"embeddings.LayerNorm.bias", {hidden}},
  };
  const std::string layer = "encoder.layer.0.";
  const auto linear = [&](const std::string& name, int rows, int columns) {
    tensors.push_back({layer + name + ".weight", {rows, columns}});
    tensors.push_back({layer + name + ".bias", {rows}});
  };
  const auto norm = [&](const std::string& name) {
    tensors.push_back({layer + name + ".weight", {hidden}});
    tensors.push_back({layer + name + ".bias", {hidden}});
  };
  for (const char* part : {"query", "key", "value"}) {
    linear(std::string("attention.self.") + part, hidden, hidden);
  }
  linear("attention.output.dense", hidden, hidden);
  norm("attention.output.LayerNorm");
  linear("intermediate.dense", inner, hidden);
  linear("output.dense", hidden, inner);
  norm("output.LayerNorm");
  if (!options.cross_encoder) return tensors;
  tensors.push_back({"pooler.dense.weight", {hidden, hidden}});
  tensors.push_back({"pooler.dense.bias", {hidden}});
  tensors.push_back({"classifier.weight", {1, hidden}});
  tensors.push_back({"classifier.bias", {1}});
  return tensors;
}

bool IsNorm(std::string_view name) {
  return name.ends_with("LayerNorm.weight") || name.ends_with("layernorm.weight") ||
         name.ends_with("norm.weight");
}

void WriteWeights(const std::filesystem::path& path, const std::vector<Tensor>& tensors,
                  uint32_t seed) {
  std::mt19937 random(seed);
  Json header = Json::object();
  std::vector<float> data;
  for (const Tensor& tensor : tensors) {
    size_t count = 1;
    for (const int extent : tensor.shape) count *= static_cast<size_t>(extent);
    const size_t start = data.size() * sizeof(float);
    for (size_t i = 0; i < count; ++i) {
      const float unit = static_cast<float>(random() >> 8) / static_cast<float>(1 << 24);
      data.push_back(IsNorm(tensor.name) ? 1.0F : (unit - 0.5F) * 0.4F);
    }
    header[tensor.name] = {{"dtype", "F32"},
                           {"shape", tensor.shape},
                           {"data_offsets", {start, data.size() * sizeof(float)}}};
  }
  std::string json = header.dump();
  json.resize((json.size() + 7) / 8 * 8, ' ');
  const uint64_t length = json.size();
  std::string file(reinterpret_cast<const char*>(&length), sizeof(length));
  file += json;
  file.append(reinterpret_cast<const char*>(data.data()), data.size() * sizeof(float));
  WriteText(path, file);
}

// What sentence-transformers has around an encoder. `pooling` is a mode of its configuration.
void WriteModules(const std::filesystem::path& folder, int hidden, const std::string& pooling,
                  bool normalize) {
  Json modules = Json::array({{{"idx", 0},
                               {"name", "0"},
                               {"path", ""},
                               {"type", "sentence_transformers.models.Transformer"}},
                              {{"idx", 1},
                               {"name", "1"},
                               {"path", "1_Pooling"},
                               {"type", "sentence_transformers.models.Pooling"}}});
  if (normalize) {
    modules.push_back({{"idx", 2},
                       {"name", "2"},
                       {"path", "2_Normalize"},
                       {"type", "sentence_transformers.models.Normalize"}});
  }
  WriteText(folder / "modules.json", modules.dump());
  WriteText(folder / "1_Pooling/config.json", Json{{"word_embedding_dimension", hidden},
                                                   {"pooling_mode_cls_token", false},
                                                   {"pooling_mode_" + pooling, true}}
                                                  .dump());
}

std::vector<Tensor> DecoderTensors(int vocabulary) {
  constexpr int kHidden = kTinyDecoderHidden;
  constexpr int kInner = 2 * kHidden;
  constexpr int kKeys = kHidden / 2;  // two heads of queries share one of keys
  const std::string layer = "model.layers.0.";
  return {{"model.embed_tokens.weight", {vocabulary, kHidden}},
          {layer + "input_layernorm.weight", {kHidden}},
          {layer + "self_attn.q_proj.weight", {kHidden, kHidden}},
          {layer + "self_attn.q_proj.bias", {kHidden}},
          {layer + "self_attn.k_proj.weight", {kKeys, kHidden}},
          {layer + "self_attn.k_proj.bias", {kKeys}},
          {layer + "self_attn.v_proj.weight", {kKeys, kHidden}},
          {layer + "self_attn.v_proj.bias", {kKeys}},
          {layer + "self_attn.o_proj.weight", {kHidden, kHidden}},
          {layer + "post_attention_layernorm.weight", {kHidden}},
          {layer + "mlp.gate_proj.weight", {kInner, kHidden}},
          {layer + "mlp.up_proj.weight", {kInner, kHidden}},
          {layer + "mlp.down_proj.weight", {kHidden, kInner}},
          {"model.norm.weight", {kHidden}}};
}

// How byte-level tokenizers spell a byte: printable ones as themselves, the others from U+0100 on.
std::string SpelledByte(int byte) {
  const auto is_plain = [](int b) {
    return (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
  };
  int code_point = byte;
  if (!is_plain(byte)) {
    code_point = 0x100;
    for (int before = 0; before < byte; ++before) code_point += is_plain(before) ? 0 : 1;
  }
  if (code_point < 0x80) return std::string(1, static_cast<char>(code_point));
  return {static_cast<char>(0xC0 | code_point >> 6), static_cast<char>(0x80 | (code_point & 0x3F))};
}

// Gives the number of tokens.
int WriteByteTokenizer(const std::filesystem::path& folder, bool ends_texts) {
  int id = 0;
  Json vocabulary = Json::object();
  for (; id < 256; ++id) vocabulary[SpelledByte(id)] = id;
  Json added = Json::array();
  for (const char* name : {"<|im_start|>", "<|im_end|>", "<|endoftext|>"}) {
    added.push_back({{"id", id++},
                     {"content", name},
                     {"single_word", false},
                     {"lstrip", false},
                     {"rstrip", false},
                     {"normalized", false},
                     {"special", true}});
  }
  Json file = {{"added_tokens", added},
               {"pre_tokenizer", {{"type", "ByteLevel"}, {"add_prefix_space", false}}},
               {"model", {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", Json::array()}}}};
  if (ends_texts) {
    const Json text = {{"Sequence", {{"id", "A"}, {"type_id", 0}}}};
    const Json end = {{"SpecialToken", {{"id", "<|endoftext|>"}, {"type_id", 0}}}};
    file["post_processor"] = {
        {"type", "TemplateProcessing"},
        {"single", {text, end}},
        {"pair", {text, text}},
        {"special_tokens",
         {{"<|endoftext|>",
           {{"id", "<|endoftext|>"}, {"ids", {id - 1}}, {"tokens", {"<|endoftext|>"}}}}}}};
  }
  WriteText(folder / "tokenizer.json", file.dump());
  return id;
}

}  // namespace

void WriteTinyModel(const std::filesystem::path& folder, const TinyModelOptions& options) {
  const std::vector<std::string> vocabulary = Vocabulary();
  std::string lines;
  for (const std::string& piece : vocabulary) lines += piece + "\n";
  WriteText(folder / "vocab.txt", lines);
  const int pieces = static_cast<int>(vocabulary.size());
  const char* architecture = options.cross_encoder ? "BertForSequenceClassification" : "BertModel";
  Json config{{"model_type", "bert"},
              {"architectures", {architecture}},
              {"hidden_act", "gelu"},
              {"hidden_size", options.hidden},
              {"intermediate_size", 2 * options.hidden},
              {"layer_norm_eps", 1e-12},
              {"max_position_embeddings", kPositions},
              {"num_attention_heads", 2},
              {"num_hidden_layers", 1},
              {"type_vocab_size", 2},
              {"vocab_size", pieces}};
  if (options.cross_encoder) config["id2label"] = {{"0", "LABEL_0"}};
  WriteText(folder / "config.json", config.dump());
  if (!options.cross_encoder) {
    WriteModules(folder, options.hidden, "mean_tokens", options.normalize);
  }
  WriteWeights(folder / "model.safetensors", Tensors(pieces, options), options.seed);
}

void WriteTinyDecoder(const std::filesystem::path& folder, const TinyDecoderOptions& options) {
  const int tokens = WriteByteTokenizer(folder, options.embedder);
  const char* architecture = options.embedder ? "Qwen2Model" : "Qwen2ForCausalLM";
  WriteText(folder / "config.json", Json{{"model_type", "qwen2"},
                                         {"architectures", {architecture}},
                                         {"hidden_act", "silu"},
                                         {"hidden_size", kTinyDecoderHidden},
                                         {"intermediate_size", 2 * kTinyDecoderHidden},
                                         {"max_position_embeddings", 1 << 14},
                                         {"num_attention_heads", 2},
                                         {"num_key_value_heads", 1},
                                         {"num_hidden_layers", 1},
                                         {"rms_norm_eps", 1e-6},
                                         {"rope_theta", 1e6},
                                         {"tie_word_embeddings", !options.embedder},
                                         {"vocab_size", tokens}}
                                        .dump());
  if (options.embedder) WriteModules(folder, kTinyDecoderHidden, "lasttoken", false);
  WriteWeights(folder / "model.safetensors", DecoderTensors(tokens), options.seed);
}

}  // namespace coderank::testing
