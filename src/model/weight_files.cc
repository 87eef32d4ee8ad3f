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
#include "model/gguf_decoder.h"
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

// Where the published row `row` of `rows` stands in the file: within each head, the rows i and
// half + i are next to each other. Where the rows do not cut into heads of even size, which the
// model's loader refuses, nothing changes.
size_t StoredRow(uint64_t heads, uint64_t rows, size_t row) {
  if (heads == 0 || rows % (2 * heads) != 0) return row;
  const size_t size = rows / heads;
  const size_t within = row % size;
  const size_t half = size / 2;
  return row - within + (within < half ? 2 * within : 2 * (within - half) + 1);
}

void Deinterleave(uint64_t heads, uint64_t rows, std::vector<float>& values) {
  const size_t n = values.size() / rows;
  const std::vector<float> stored = values;
  for (size_t row = 0; row < rows; ++row) {
    const auto from = static_cast<ptrdiff_t>(StoredRow(heads, rows, row) * n);
    std::copy_n(stored.begin() + from, n, values.begin() + static_cast<ptrdiff_t>(row * n));
  }
}

uint64_t InterleavedHeadsOf(const std::optional<InterleavedHeads>& heads, std::string_view name) {
  if (!heads) return 0;
  if (name.find(".q_proj.") != std::string_view::npos) return heads->queries;
  return name.find(".k_proj.") != std::string_view::npos ? heads->keys : 0;
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
  if (IsGgufPath(folder)) {
    WeightFiles one;
    one.folder_ = folder;
    CODERANK_TRY(one.AddGguf(folder));
    return one;
  }
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
  CODERANK_ASSIGN(const auto heads, FindInterleavedHeads(gguf.content));
  for (auto& [name, tensor] : gguf.content.tensors) {
    TensorView view{std::string(tensor.type->name), std::move(tensor.shape), tensor.data};
    std::string published = PublishedTensorName(architecture, name);
    const uint64_t interleaved = InterleavedHeadsOf(heads, published);
    CODERANK_TRY(
        AddTensor(std::move(published), {path.native(), kGgufTypes, std::move(view), interleaved}));
  }
  return OkStatus();
}

Status WeightFiles::AddTensor(std::string name, Located&& tensor) {
  const auto [at, added] = tensors_.try_emplace(std::move(name), std::move(tensor));
  if (added) return OkStatus();
  return Corrupt(StrCat(tensor.file, ": tensor \"", at->first, "\": already in ", at->second.file));
}

std::string WeightFiles::Located::Where(std::string_view name) const {
  return StrCat(file, ": tensor \"", name, "\"");
}

Result<const WeightFiles::Located*> WeightFiles::Find(std::string_view name,
                                                      std::span<const uint64_t> shape) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) {
    return Corrupt(StrCat(folder_, ": expected a tensor \"", name, "\" of shape ", ShapeText(shape),
                          ", found none of this name"));
  }
  const Located& tensor = found->second;
  if (std::equal(shape.begin(), shape.end(), tensor.view.shape.begin(), tensor.view.shape.end())) {
    return &tensor;
  }
  return Corrupt(StrCat(tensor.Where(name), ": expected shape ", ShapeText(shape), ", found ",
                        ShapeText(tensor.view.shape)));
}

Result<std::vector<float>> WeightFiles::Read(std::string_view name,
                                             std::span<const uint64_t> shape) const {
  CODERANK_ASSIGN(const Located* tensor, Find(name, shape));
  std::optional<std::vector<float>> read = ToFloats(tensor->view.dtype, tensor->view.data);
  if (!read) {
    return Corrupt(
        StrCat(tensor->Where(name), ": expected ", tensor->types, ", found ", tensor->view.dtype));
  }
  std::vector<float>& values = *read;
  if (!AllFinite(values)) {
    const auto bad =
        std::find_if_not(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
    return Corrupt(StrCat(tensor->Where(name), ": expected finite numbers, found ", *bad,
                          " at element ", bad - values.begin()));
  }
  if (tensor->interleaved_heads != 0) Deinterleave(tensor->interleaved_heads, shape[0], values);
  return std::move(values);
}

Result<WeightFiles::Matrix> WeightFiles::FindMatrix(std::string_view name, size_t rows,
                                                    size_t n) const {
  const uint64_t shape[] = {rows, n};
  CODERANK_ASSIGN(const Located* tensor, Find(name, shape));
  const TensorView& view = tensor->view;
  const size_t block = BlockElements(view.dtype);
  if (block == 0 || n % block != 0) {
    return Corrupt(StrCat(tensor->Where(name), ": expected rows of ", tensor->types, ", found ",
                          view.dtype, " of ", n));
  }
  return Matrix{.where = tensor->Where(name),
                .type = view.dtype,
                .data = view.data,
                .rows = rows,
                .interleaved_heads = tensor->interleaved_heads};
}

std::span<const std::byte> WeightFiles::Matrix::Row(size_t row) const {
  const size_t bytes = data.size() / rows;
  return data.subspan(StoredRow(interleaved_heads, rows, row) * bytes, bytes);
}

}  // namespace coderank
