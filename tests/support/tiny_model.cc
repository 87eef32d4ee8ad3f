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
      data.push_back(tensor.name.ends_with("LayerNorm.weight") ? 1.0F : (unit - 0.5F) * 0.4F);
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

// What sentence-transformers has around an encoder.
void WriteModules(const std::filesystem::path& folder, const TinyModelOptions& options) {
  Json modules = Json::array({{{"idx", 0},
                               {"name", "0"},
                               {"path", ""},
                               {"type", "sentence_transformers.models.Transformer"}},
                              {{"idx", 1},
                               {"name", "1"},
                               {"path", "1_Pooling"},
                               {"type", "sentence_transformers.models.Pooling"}}});
  if (options.normalize) {
    modules.push_back({{"idx", 2},
                       {"name", "2"},
                       {"path", "2_Normalize"},
                       {"type", "sentence_transformers.models.Normalize"}});
  }
  WriteText(folder / "modules.json", modules.dump());
  WriteText(folder / "1_Pooling/config.json", Json{{"word_embedding_dimension", options.hidden},
                                                   {"pooling_mode_cls_token", false},
                                                   {"pooling_mode_mean_tokens", true}}
                                                  .dump());
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
  if (!options.cross_encoder) WriteModules(folder, options);
  WriteWeights(folder / "model.safetensors", Tensors(pieces, options), options.seed);
}

}  // namespace coderank::testing
