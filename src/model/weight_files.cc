#include "model/weight_files.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <set>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "kernels/kernel_set.h"
#include "model/json_config.h"

namespace coderank {
namespace {

constexpr char kSingleFile[] = "model.safetensors";
constexpr char kIndexFile[] = "model.safetensors.index.json";

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

template <typename Bits>
std::vector<Bits> CopyAs(std::span<const std::byte> data) {
  std::vector<Bits> values(data.size() / sizeof(Bits));
  if (!data.empty()) std::memcpy(values.data(), data.data(), values.size() * sizeof(Bits));
  return values;
}

// The header's size check has made data a whole number of elements. Empty for other types.
std::vector<float> ToFloats(const TensorView& view) {
  if (view.dtype == "F32") return CopyAs<float>(view.data);
  const std::vector<uint16_t> bits = CopyAs<uint16_t>(view.data);
  std::vector<float> values(bits.size());
  if (view.dtype == "F16") {
    kernels::AllKernelSets().front()->f16_to_f32(bits.data(), bits.size(), values.data());
  } else {  // BF16: the upper half of an f32
    for (size_t i = 0; i < bits.size(); ++i) {
      values[i] = std::bit_cast<float>(uint32_t{bits[i]} << 16);
    }
  }
  return values;
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

}  // namespace

Result<std::vector<std::string>> WeightFileNames(const std::filesystem::path& folder) {
  std::error_code ignored;
  if (std::filesystem::exists(folder / kSingleFile, ignored)) {
    return std::vector<std::string>{kSingleFile};
  }
  if (!std::filesystem::exists(folder / kIndexFile, ignored)) {
    return NotFound(StrCat(folder, ": expected ", kSingleFile, " or ", kIndexFile,
                           ", found neither; other weight formats have to be converted"));
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
    CODERANK_TRY(weights.AddFile(folder / name));
  }
  return weights;
}

Status WeightFiles::AddFile(const std::filesystem::path& path) {
  CODERANK_ASSIGN(MappedFile file, MappedFile::Open(path));
  CODERANK_ASSIGN(TensorMap tensors, ParseSafetensors(file.bytes(), path.native()));
  files_.push_back(std::move(file));
  for (auto& [name, view] : tensors) {
    const auto [at, added] = tensors_.try_emplace(name, Located{path.native(), std::move(view)});
    if (!added) {
      return Corrupt(StrCat(path, ": tensor \"", name, "\": already in ", at->second.file));
    }
  }
  return OkStatus();
}

Result<std::vector<float>> WeightFiles::Read(std::string_view name,
                                             std::span<const uint64_t> shape) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) {
    return Corrupt(StrCat(folder_, ": expected a tensor \"", name, "\" of shape ", ShapeText(shape),
                          ", found none of this name"));
  }
  const auto& [file, view] = found->second;
  const std::string where = StrCat(file, ": tensor \"", name, "\"");
  if (view.dtype != "F32" && view.dtype != "F16" && view.dtype != "BF16") {
    return Corrupt(StrCat(where, ": expected F32, F16 or BF16, found ", view.dtype));
  }
  if (!std::equal(shape.begin(), shape.end(), view.shape.begin(), view.shape.end())) {
    return Corrupt(
        StrCat(where, ": expected shape ", ShapeText(shape), ", found ", ShapeText(view.shape)));
  }
  std::vector<float> values = ToFloats(view);
  if (!AllFinite(values)) {
    const auto bad =
        std::find_if_not(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
    return Corrupt(StrCat(where, ": expected finite numbers, found ", *bad, " at element ",
                          bad - values.begin()));
  }
  return values;
}

}  // namespace coderank
