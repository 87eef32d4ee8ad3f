#include "model/weight_files.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "model/dequantize.h"
#include "model/gguf.h"
#include "model/gguf_names.h"
#include "model/json_config.h"

namespace coderank {
namespace {

constexpr char kSingleFile[] = "model.safetensors";
constexpr char kIndexFile[] = "model.safetensors.index.json";
constexpr char kGgufExtension[] = ".gguf";

std::string ShapeText(std::span<const uint64_t> shape) {
  std::string text = "[";
  for (const uint64_t extent : shape) text += StrCat(text.size() == 1 ? "" : ", ", extent);
  return text + "]";
}

// Of a shard: a plain name beside the index, nothing that leaves the folder.
bool IsPlainFileName(std::string_view name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(std::string_view("/\\\0", 3)) == std::string_view::npos;
}

// The distinct values of weight_map.
Result<std::set<std::string>> ShardNames(const std::filesystem::path& index) {
  CODERANK_ASSIGN(const JsonConfig config, JsonConfig::Load(index));
  const auto map = config.object().find("weight_map");
  if (map == config.object().end() || !map->is_object() || map->empty()) {
    return config.Unexpected("weight_map", "an object from tensor names to files");
  }
  std::set<std::string> names;
  for (const auto& [tensor, file] : map->items()) {
    if (!file.is_string() || !IsPlainFileName(file.get_ref<const std::string&>())) {
      return Corrupt(
          StrCat(index, ": weight_map: \"", tensor, "\": expected a file name without a folder"));
    }
    names.insert(file.get<std::string>());
  }
  return names;
}

// Without a branch per element, so that the compiler vectorises it: this reads every weight.
bool AllFinite(std::span<const float> values) {
  constexpr uint32_t kExponent = 0x7f800000;  // all ones: infinity or NaN
  uint32_t bad = 0;
  for (const float v : values) {
    bad |= (std::bit_cast<uint32_t>(v) & kExponent) == kExponent ? 1U : 0U;
  }
  return bad == 0;
}

bool Exists(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

}  // namespace

bool IsGgufPath(const std::filesystem::path& path) {
  std::error_code ignored;
  return path.extension() == kGgufExtension && std::filesystem::is_regular_file(path, ignored);
}

Result<std::optional<std::filesystem::path>> FindGguf(const std::filesystem::path& folder) {
  std::optional<std::filesystem::path> found;
  if (Exists(folder / kSingleFile) || Exists(folder / kIndexFile)) return found;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (!IsGgufPath(entry->path())) continue;
    if (found) {
      return InvalidArgument(StrCat(folder, ": expected one ", kGgufExtension, " file, found ",
                                    found->filename(), " and ", entry->path().filename(),
                                    "; name the file itself"));
    }
    found = entry->path();
  }
  return found;
}

Result<std::vector<std::string>> WeightFileNames(const std::filesystem::path& folder) {
  if (Exists(folder / kSingleFile)) return std::vector<std::string>{kSingleFile};
  if (!Exists(folder / kIndexFile)) {
    CODERANK_ASSIGN(const auto gguf, FindGguf(folder));
    if (gguf) return std::vector<std::string>{gguf->filename().native()};
    return NotFound(StrCat(folder, ": expected ", kSingleFile, ", ", kIndexFile, " or one ",
                           kGgufExtension,
                           " file, found none; other weight formats have to be converted"));
  }
  CODERANK_ASSIGN(const std::set<std::string> shards, ShardNames(folder / kIndexFile));
  std::vector<std::string> names{kIndexFile};
  names.insert(names.end(), shards.begin(), shards.end());
  return names;
}

Result<WeightFiles> WeightFiles::Open(const std::filesystem::path& folder) {
  CODERANK_ASSIGN(const std::vector<std::string> names, WeightFileNames(folder));
  WeightFiles weights;
  weights.folder_ = folder;
  for (const std::string& name : names) {
    if (name == kIndexFile) continue;
    const std::filesystem::path path = folder / name;
    CODERANK_TRY(IsGgufPath(path) ? weights.AddGguf(path) : weights.AddSafetensors(path));
  }
  return weights;
}

Status WeightFiles::AddSafetensors(const std::filesystem::path& path) {
  CODERANK_ASSIGN(MappedFile file, MappedFile::Open(path));
  CODERANK_ASSIGN(TensorMap tensors, ParseSafetensors(file.bytes(), path.native()));
  files_.push_back(std::move(file));
  for (auto& [name, view] : tensors) {
    CODERANK_TRY(AddTensor(name, {path.native(), kFloatTypes, std::move(view)}));
  }
  return OkStatus();
}

Status WeightFiles::AddGguf(const std::filesystem::path& path) {
  CODERANK_ASSIGN(GgufFile gguf, GgufFile::Open(path));
  files_.push_back(std::move(gguf.file));
  CODERANK_ASSIGN(const std::string_view architecture,
                  gguf.content.metadata.RequiredText("general.architecture"));
  for (auto& [name, tensor] : gguf.content.tensors) {
    TensorView view{std::string(tensor.type->name), std::move(tensor.shape), tensor.data};
    CODERANK_TRY(AddTensor(PublishedTensorName(architecture, name),
                           {path.native(), kGgufTypes, std::move(view)}));
  }
  return OkStatus();
}

Status WeightFiles::AddTensor(std::string name, Located&& tensor) {
  const auto [at, added] = tensors_.try_emplace(std::move(name), std::move(tensor));
  if (added) return OkStatus();
  return Corrupt(StrCat(tensor.file, ": tensor \"", at->first, "\": already in ", at->second.file));
}

Result<std::vector<float>> WeightFiles::Read(std::string_view name,
                                             std::span<const uint64_t> shape) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) {
    return Corrupt(StrCat(folder_, ": expected a tensor \"", name, "\" of shape ", ShapeText(shape),
                          ", found none of this name"));
  }
  const auto& [file, types, view] = found->second;
  const std::string where = StrCat(file, ": tensor \"", name, "\"");
  if (!std::equal(shape.begin(), shape.end(), view.shape.begin(), view.shape.end())) {
    return Corrupt(
        StrCat(where, ": expected shape ", ShapeText(shape), ", found ", ShapeText(view.shape)));
  }
  std::optional<std::vector<float>> read = ToFloats(view.dtype, view.data);
  if (!read) return Corrupt(StrCat(where, ": expected ", types, ", found ", view.dtype));
  std::vector<float>& values = *read;
  if (!AllFinite(values)) {
    const auto bad =
        std::find_if_not(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
    return Corrupt(StrCat(where, ": expected finite numbers, found ", *bad, " at element ",
                          bad - values.begin()));
  }
  return std::move(values);
}

}  // namespace coderank
