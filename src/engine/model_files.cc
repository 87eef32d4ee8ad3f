#include "engine/model_files.h"

#include <array>

#include "base/ascii.h"
#include "base/strings.h"
#include "base/try.h"
#include "model/json_config.h"
#include "model/weight_files.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxPath = 256;
constexpr size_t kMaxModules = 16;

// Of the repository's own folder.
constexpr std::array<std::string_view, 2> kModelFiles = {"modules.json",
                                                         "config_sentence_transformers.json"};
// Of the folder of the transformer, which often is the same.
constexpr std::array<std::string_view, 6> kTransformerFiles = {
    "config.json", "sentence_bert_config.json", "tokenizer.json",
    "vocab.txt",   "tokenizer_config.json",     "special_tokens_map.json"};
constexpr std::string_view kSingleFile = "model.safetensors";
constexpr std::string_view kShardIndex = "model.safetensors.index.json";

// Best first. A name's part decides, as in "CodeRankEmbed-Q8_0.gguf".
constexpr std::array<std::string_view, 10> kGgufKinds = {"Q8_0", "F16",  "BF16", "F32",  "Q6_K",
                                                         "Q5_K", "Q5_0", "Q4_K", "Q4_0", "Q"};

std::string Join(std::string_view folder, std::string_view name) {
  return folder.empty() ? std::string(name) : StrCat(folder, "/", name);
}

size_t GgufRank(const std::string& path) {
  std::string part;
  size_t best = kGgufKinds.size();
  for (const char c : fs::path(path).stem().native() + "-") {
    if (c != '-' && c != '.') {
      part += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      continue;
    }
    for (size_t kind = 0; kind < best; ++kind) {
      if (part.starts_with(kGgufKinds[kind])) best = kind;
    }
    part.clear();
  }
  return best;
}

Status NoWeights(const std::string& folder) {
  return NotFound(StrCat("the repository has no weights that this program reads: expected ",
                         Join(folder, kSingleFile), ", ", Join(folder, kShardIndex),
                         " or a .gguf file; other formats (pytorch_model.bin, ONNX) are not read"));
}

}  // namespace

bool IsPlainPath(std::string_view path) {
  if (path.empty() || path.size() > kMaxPath) return false;
  char before = '/';
  for (const char c : path) {
    const bool plain = IsAsciiAlnum(c) || c == '-' || c == '_';
    const bool inner = (c == '.' || c == '/') && before != '/';
    if (!plain && !inner) return false;
    before = c;
  }
  return before != '/';
}

Result<std::vector<std::string>> ModuleFolders(const fs::path& modules_json) {
  CODERANK_ASSIGN(const nlohmann::json list, LoadJson(modules_json));
  if (!list.is_array() || list.empty() || list.size() > kMaxModules) {
    return Corrupt(
        StrCat(modules_json.filename(), ": expected a list of 1 to ", kMaxModules, " modules"));
  }
  std::vector<std::string> folders;
  for (const nlohmann::json& entry : list) {
    CODERANK_ASSIGN(const JsonConfig module,
                    JsonConfig::FromObject(entry, modules_json.filename().native()));
    CODERANK_ASSIGN(std::string path, module.RequiredText("path"));
    if (!path.empty() && !IsPlainPath(path)) {
      return module.Unexpected("path", "a folder of the model, or nothing");
    }
    folders.push_back(std::move(path));
  }
  return folders;
}

std::string ChooseGguf(const std::vector<std::string>& paths) {
  std::string best;
  for (const std::string& path : paths) {
    // One of several parts is of no use alone.
    if (!path.ends_with(".gguf") || path.find("-of-") != std::string::npos) continue;
    if (best.empty() || std::pair(GgufRank(path), path) < std::pair(GgufRank(best), best)) {
      best = path;
    }
  }
  return best;
}

Result<WantedFiles> ChooseFiles(const HubListing& listing,
                                const std::vector<std::string>& module_folders) {
  WantedFiles wanted;
  const auto listed = [&](const std::string& path) {
    return listing.files.find(path) != listing.files.end();
  };
  const auto add = [&](const std::string& path) {
    if (!listed(path)) return false;
    wanted.paths.push_back(path);
    return true;
  };
  const std::string& transformer = module_folders.front();
  for (const std::string_view name : kModelFiles) add(std::string(name));
  for (const std::string_view name : kTransformerFiles) add(Join(transformer, name));
  for (size_t i = 1; i < module_folders.size(); ++i) {
    if (module_folders[i] != transformer) add(Join(module_folders[i], "config.json"));
  }
  if (add(Join(transformer, kSingleFile))) return wanted;
  if (add(Join(transformer, kShardIndex))) {
    wanted.shard_index = wanted.paths.back();
    return wanted;
  }
  std::vector<std::string> candidates;
  for (const auto& [path, file] : listing.files) {
    if (IsPlainPath(path) && fs::path(path).parent_path() == transformer) {
      candidates.push_back(path);
    }
  }
  const std::string gguf = ChooseGguf(candidates);
  if (gguf.empty()) return NoWeights(transformer);
  add(gguf);
  return wanted;
}

Result<std::vector<std::string>> ChooseShards(const HubListing& listing, const fs::path& staging,
                                              const std::string& shard_index) {
  const std::string folder = fs::path(shard_index).parent_path().native();
  CODERANK_ASSIGN(const std::vector<std::string> names, WeightFileNames(staging / folder));
  std::vector<std::string> shards;
  for (const std::string& name : names) {
    std::string path = Join(folder, name);
    if (path == shard_index) continue;
    if (!IsPlainPath(path) || listing.files.find(path) == listing.files.end()) {
      return Corrupt(StrCat(shard_index, ": names \"", path, "\", which the repository lacks"));
    }
    shards.push_back(std::move(path));
  }
  return shards;
}

}  // namespace coderank
