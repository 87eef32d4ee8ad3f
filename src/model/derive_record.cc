// DeriveModelRecord: what sentence-transformers would do with a folder, or an error where that is
// more than this program can do.
//
//   modules.json                        the chain Transformer, Pooling, [Normalize]
//   <transformer>/config.json           architecture, dimension, number of positions
//   <transformer>/sentence_bert_config.json, tokenizer_config.json    maximum length
//   <pooling>/config.json               cls, mean or the last token
//   config_sentence_transformers.json   prompts
//
// A GGUF file has most of this in its metadata (gguf_record.h). Without the file for prompts, those
// of a known model are taken.
//
// Without modules.json the folder is a plain transformer: mean pooling, which is what
// sentence-transformers assumes, and normalisation. One whose architecture is
// BertForSequenceClassification is a cross-encoder, and a ...ForCausalLM a generator: config.json
// and the tokenizer say all of them.
#include <algorithm>
#include <optional>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "model/architectures.h"
#include "model/encoder_size.h"
#include "model/gguf_record.h"
#include "model/json_config.h"
#include "model/known_models.h"
#include "model/llama_config.h"
#include "model/model_record.h"
#include "model/weight_files.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;

// Tokenizers without a limit say so with 1e30; anything above this is no limit.
constexpr double kNoLengthLimit = 1e6;
constexpr uint64_t kMaxHidden = 1 << 16;

struct Modules {
  std::string transformer;             // folder
  std::optional<std::string> pooling;  // folder
  bool normalize = true;
};

// nullopt when there is no such file.
Result<std::optional<JsonConfig>> LoadOptional(const fs::path& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return std::optional<JsonConfig>();
  CODERANK_ASSIGN(JsonConfig config, JsonConfig::Load(path));
  return std::optional(std::move(config));
}

// "sentence_transformers.models.Pooling" -> "Pooling": the packages moved between versions.
std::string_view ClassName(std::string_view type) {
  const size_t dot = type.rfind('.');
  return dot == std::string_view::npos ? type : type.substr(dot + 1);
}

bool StaysInside(const fs::path& path) {
  return !path.is_absolute() && std::find(path.begin(), path.end(), "..") == path.end();
}

Status AddModule(const JsonConfig& module, size_t place, Modules& modules) {
  CODERANK_ASSIGN(const std::string type, module.RequiredText("type"));
  CODERANK_ASSIGN(const std::string path, module.RequiredText("path"));
  if (!StaysInside(path)) return module.Unexpected("path", "a path within the model's folder");
  constexpr std::string_view kChain[] = {"Transformer", "Pooling", "Normalize"};
  if (place >= std::size(kChain) || ClassName(type) != kChain[place]) {
    return module.Unexpected("type",
                             "the modules Transformer, Pooling and, optionally, Normalize "
                             "in this order; others (Dense, LSTM, ...) are not supported");
  }
  if (place == 0) modules.transformer = path;
  if (place == 1) modules.pooling = path;
  if (place == 2) modules.normalize = true;
  return OkStatus();
}

Result<Modules> ReadModules(const fs::path& folder) {
  const fs::path path = folder / "modules.json";
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return Modules{};
  CODERANK_ASSIGN(const nlohmann::json list, LoadJson(path));
  if (!list.is_array() || list.size() < 2) {
    return InvalidArgument(StrCat(path, ": expected a list with Transformer and Pooling, found ",
                                  list.is_array() ? "a shorter list" : list.type_name()));
  }
  Modules modules{.transformer = "", .pooling = std::nullopt, .normalize = false};
  for (size_t i = 0; i < list.size(); ++i) {
    CODERANK_ASSIGN(const JsonConfig module,
                    JsonConfig::FromObject(list[i], StrCat(path, ": module ", i)));
    CODERANK_TRY(AddModule(module, i, modules));
  }
  return modules;
}

// The one mode that is on, by the flags pooling_mode_* or by the newer field pooling_mode.
Result<std::string> PoolingMode(const JsonConfig& config) {
  CODERANK_ASSIGN(std::optional<std::string> named, config.Text("pooling_mode"));
  if (named) return *std::move(named);
  constexpr std::string_view kPrefix = "pooling_mode_";
  std::string mode;
  for (const auto& [key, value] : config.object().items()) {
    if (key.rfind(kPrefix, 0) != 0) continue;
    CODERANK_ASSIGN(const std::optional<bool> on, config.Flag(key));
    if (!on.value_or(false)) continue;
    if (!mode.empty()) return config.Unexpected(key, "one pooling mode, not several");
    mode = key.substr(kPrefix.size());
  }
  return mode;
}

Result<Pooling> ReadPooling(const fs::path& path, size_t hidden) {
  CODERANK_ASSIGN(const JsonConfig config, JsonConfig::Load(path));
  CODERANK_ASSIGN(const std::optional<bool> include_prompt, config.Flag("include_prompt"));
  if (!include_prompt.value_or(true)) {
    return config.Unexpected("include_prompt",
                             "true: leaving prompts out of pooling is not "
                             "supported");
  }
  CODERANK_ASSIGN(const std::optional<uint64_t> dimension,
                  config.Integer("word_embedding_dimension", 1, kMaxHidden));
  if (dimension.value_or(hidden) != hidden) {
    return config.Unexpected("word_embedding_dimension",
                             StrCat("the dimension of config.json, ", hidden));
  }
  CODERANK_ASSIGN(const std::string mode, PoolingMode(config));
  if (mode == "cls_token" || mode == "cls") return Pooling::kCls;
  if (mode == "mean_tokens" || mode == "mean") return Pooling::kMean;
  if (mode == "lasttoken" || mode == "last") return Pooling::kLast;
  return InvalidArgument(StrCat(config.source(),
                                ": pooling_mode: expected cls, mean or lasttoken, found ",
                                mode.empty() ? "none" : mode));
}

// sentence-transformers lower-cases the text itself when told to: the same vectors only if the
// tokenizer does so too.
Status CheckLowerCase(const JsonConfig& wrapper, const std::optional<JsonConfig>& tokenizer) {
  CODERANK_ASSIGN(const std::optional<bool> wrapper_lowers, wrapper.Flag("do_lower_case"));
  if (!wrapper_lowers.value_or(false) || !tokenizer) return OkStatus();
  CODERANK_ASSIGN(const std::optional<bool> tokenizer_lowers, tokenizer->Flag("do_lower_case"));
  if (tokenizer_lowers.value_or(true)) return OkStatus();
  return wrapper.Unexpected("do_lower_case", "what tokenizer_config.json says (false)");
}

// What the tokenizer and the wrapper allow, but never more than `most`.
Result<size_t> ReadMaxLength(const fs::path& transformer, uint64_t most) {
  CODERANK_ASSIGN(const auto tokenizer, LoadOptional(transformer / "tokenizer_config.json"));
  CODERANK_ASSIGN(const auto wrapper, LoadOptional(transformer / "sentence_bert_config.json"));
  if (wrapper) {
    CODERANK_TRY(CheckLowerCase(*wrapper, tokenizer));
    CODERANK_ASSIGN(const std::optional<uint64_t> length,
                    wrapper->Integer("max_seq_length", 2, UINT64_MAX));
    if (length) return std::min(*length, most);
  }
  if (tokenizer) {
    CODERANK_ASSIGN(const std::optional<double> length,
                    tokenizer->Number("model_max_length", 2, 1e300));
    if (length && *length <= kNoLengthLimit) {
      return std::min(static_cast<uint64_t>(*length), most);
    }
  }
  return most;
}

// The first prompt that goes by one of `names`, else the default one, else none.
Result<std::string> FindPrompt(const JsonConfig& prompts, std::span<const char* const> names,
                               const std::string& otherwise) {
  for (const char* name : names) {
    CODERANK_ASSIGN(std::optional<std::string> prompt, prompts.Text(name));
    if (prompt) return *std::move(prompt);
  }
  return otherwise;
}

// The file has the last word: with it, what is known of the model does not count.
Status ReadPrompts(const std::optional<JsonConfig>& config, ModelRecord& record) {
  if (!config) return OkStatus();
  record.query_prompt.clear();
  const auto found = config->object().find("prompts");
  if (found == config->object().end() || found->is_null()) return OkStatus();
  CODERANK_ASSIGN(const JsonConfig prompts,
                  JsonConfig::FromObject(*found, StrCat(config->source(), ": prompts")));
  std::string otherwise;
  CODERANK_ASSIGN(const std::optional<std::string> default_name,
                  config->Text("default_prompt_name"));
  if (default_name) {
    CODERANK_ASSIGN(std::optional<std::string> prompt, prompts.Text(*default_name));
    if (!prompt) return config->Unexpected("default_prompt_name", "the name of one of the prompts");
    otherwise = *std::move(prompt);
  }
  constexpr const char* kQuery[] = {"query"};
  constexpr const char* kDocument[] = {"document", "passage", "corpus"};
  CODERANK_ASSIGN(record.query_prompt, FindPrompt(prompts, kQuery, otherwise));
  CODERANK_ASSIGN(record.document_prompt, FindPrompt(prompts, kDocument, otherwise));
  return OkStatus();
}

// What loading reads, config first: LoadTokenizer prefers tokenizer.json.
Result<std::vector<std::string>> FilesToLoad(const fs::path& transformer) {
  std::vector<std::string> names{"config.json"};
  std::error_code ignored;
  if (fs::exists(transformer / "tokenizer.json", ignored)) {
    names.emplace_back("tokenizer.json");
  } else if (fs::exists(transformer / "vocab.txt", ignored)) {
    names.emplace_back("vocab.txt");
    if (fs::exists(transformer / "tokenizer_config.json", ignored)) {
      names.emplace_back("tokenizer_config.json");
    }
  } else {
    return NotFound(StrCat(transformer, ": expected tokenizer.json or vocab.txt, found neither"));
  }
  CODERANK_ASSIGN(const std::vector<std::string> weights, WeightFileNames(transformer));
  names.insert(names.end(), weights.begin(), weights.end());
  return names;
}

Status HashFiles(const fs::path& folder, ModelRecord& record, const CancellationToken* cancel) {
  CODERANK_ASSIGN(const auto names, FilesToLoad(folder / record.transformer_folder));
  for (const std::string& name : names) {
    const std::string path = (fs::path(record.transformer_folder) / name).generic_string();
    CODERANK_ASSIGN(ModelFile file, DescribeModelFile(folder, path, cancel));
    record.files.push_back(std::move(file));
  }
  return OkStatus();
}

// Whether the folder holds a transformer with a head of this kind ("ForCausalLM"), and nothing that
// makes another model of it. sentence-transformers wrote no modules.json for classifiers for years;
// 6.2 writes one with Transformer alone.
Result<bool> HasHead(const fs::path& folder, const JsonConfig& config, std::string_view head) {
  std::error_code ignored;
  if (fs::exists(folder / "modules.json", ignored)) {
    CODERANK_ASSIGN(const nlohmann::json list, LoadJson(folder / "modules.json"));
    if (!list.is_array() || list.size() != 1) return false;
  }
  const auto names = config.object().find("architectures");
  if (names == config.object().end() || !names->is_array() || names->empty()) return false;
  if (!names->front().is_string()) return config.Unexpected("architectures", "a list of texts");
  return names->front().get<std::string>().ends_with(head);
}

// Where the configuration does not say how many labels there are, the shape of the weights does.
Status CheckOneLabel(const JsonConfig& config) {
  CODERANK_ASSIGN(std::optional<uint64_t> labels, config.Integer("num_labels", 0, UINT32_MAX));
  const auto names = config.object().find("id2label");
  if (!labels && names != config.object().end() && names->is_object()) labels = names->size();
  if (labels.value_or(1) == 1) return OkStatus();
  return InvalidArgument(StrCat(
      config.source(), ": id2label: expected 1 label, a score for a pair ", "of texts, found ",
      *labels, "; models that sort texts into classes are not supported"));
}

Result<ModelRecord> DeriveCrossEncoder(const fs::path& folder, std::string_view name,
                                       const JsonConfig& config, const CancellationToken* cancel) {
  ModelRecord record;
  record.name = name;
  record.kind = ModelKind::kCrossEncoder;
  CODERANK_ASSIGN(record.architecture, config.RequiredText("model_type"));
  if (record.architecture != "bert") {
    return config.Unexpected("model_type", "\"bert\", the only cross-encoders that are supported");
  }
  CODERANK_TRY(CheckOneLabel(config));
  CODERANK_ASSIGN(const EncoderSize size, ReadEncoderSize(config, record.architecture));
  record.dimension = size.dimension;
  CODERANK_ASSIGN(record.max_length, ReadMaxLength(folder, size.max_length));
  CODERANK_TRY(HashFiles(folder, record, cancel));
  return record;
}

// What reranks lists: any decoder that writes.
Result<ModelRecord> DeriveGenerator(const fs::path& folder, std::string_view name,
                                    const JsonConfig& config, const CancellationToken* cancel) {
  ModelRecord record;
  record.name = name;
  record.kind = ModelKind::kGenerator;
  CODERANK_ASSIGN(record.architecture, config.RequiredText("model_type"));
  CODERANK_ASSIGN(const LlamaConfig sizes, ReadLlamaConfig(config));
  record.dimension = sizes.hidden;
  CODERANK_ASSIGN(record.max_length, ReadMaxLength(folder, sizes.positions));
  CODERANK_TRY(HashFiles(folder, record, cancel));
  return record;
}

// A folder of safetensors with its configuration files.
Result<ModelRecord> DeriveFolderRecord(const fs::path& folder, std::string_view name,
                                       const CancellationToken* cancel) {
  CODERANK_ASSIGN(const std::optional<JsonConfig> own, LoadOptional(folder / "config.json"));
  if (own) {
    CODERANK_ASSIGN(const bool classifies, HasHead(folder, *own, "ForSequenceClassification"));
    if (classifies) return DeriveCrossEncoder(folder, name, *own, cancel);
    CODERANK_ASSIGN(const bool writes, HasHead(folder, *own, "ForCausalLM"));
    if (writes) return DeriveGenerator(folder, name, *own, cancel);
  }
  CODERANK_ASSIGN(const Modules modules, ReadModules(folder));
  const fs::path transformer = folder / modules.transformer;
  CODERANK_ASSIGN(const JsonConfig config, JsonConfig::Load(transformer / "config.json"));
  ModelRecord record;
  record.name = name;
  record.transformer_folder = modules.transformer;
  record.normalize = modules.normalize;
  CODERANK_ASSIGN(record.architecture, config.RequiredText("model_type"));
  const auto known = FindArchitecture(record.architecture);
  if (!known) return known.error().WithContext(config.source());
  CODERANK_ASSIGN(const EncoderSize size, ReadEncoderSize(config, record.architecture));
  record.dimension = size.dimension;
  CODERANK_ASSIGN(record.max_length, ReadMaxLength(transformer, size.max_length));
  if (modules.pooling) {
    CODERANK_ASSIGN(record.pooling,
                    ReadPooling(folder / *modules.pooling / "config.json", record.dimension));
  }
  const std::string folder_name = folder.filename().native();
  const std::string_view names[] = {record.name, folder_name};
  if (const KnownPrompt* model = FindKnownPrompt(names)) record.query_prompt = model->query_prompt;
  CODERANK_TRY(HashFiles(folder, record, cancel));
  return record;
}

}  // namespace

Result<ModelRecord> DeriveModelRecord(const fs::path& source, std::string_view name,
                                      const CancellationToken* cancel) {
  if (IsGgufPath(source)) return DeriveGgufRecord(source, name, cancel);
  CODERANK_ASSIGN(const auto gguf, FindGguf(source));
  CODERANK_ASSIGN(ModelRecord record, gguf ? DeriveGgufRecord(*gguf, name, cancel)
                                           : DeriveFolderRecord(source, name, cancel));
  CODERANK_ASSIGN(const auto prompts, LoadOptional(source / "config_sentence_transformers.json"));
  if (record.kind == ModelKind::kEmbedder) CODERANK_TRY(ReadPrompts(prompts, record));
  return record;
}

}  // namespace coderank
