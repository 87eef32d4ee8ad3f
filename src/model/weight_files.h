// The weights of a model folder: `model.safetensors`, the shards that
// `model.safetensors.index.json` names, or, without either, the one `*.gguf` file. Tensors of a
// GGUF encoder go by the names of its safetensors.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "coderank/result.h"
#include "model/safetensors.h"

namespace coderank {

// A regular file named *.gguf.
bool IsGgufPath(const std::filesystem::path& path);

// The GGUF file that holds a folder's weights; nullopt where there is none or safetensors come
// first. kInvalidArgument where there are several.
Result<std::optional<std::filesystem::path>> FindGguf(const std::filesystem::path& folder);

// Names of the files that hold the weights, relative to `folder`: the index first where there is
// one, then the safetensors files.
Result<std::vector<std::string>> WeightFileNames(const std::filesystem::path& folder);

// Immutable after opening, so thread-safe. The files stay mapped as long as this lives.
class WeightFiles {
 public:
  static Result<WeightFiles> Open(const std::filesystem::path& folder);

  bool Contains(std::string_view name) const { return tensors_.count(name) != 0; }

  // A tensor of a type that dequantize.h lists, as f32. kCorrupt if it is missing, has another type
  // or shape, or holds a number that is not finite; the message names file and tensor.
  Result<std::vector<float>> Read(std::string_view name, std::span<const uint64_t> shape) const;

 private:
  struct Located {
    std::string file;        // for messages
    std::string_view types;  // what the file's format can be read from, for messages
    TensorView view;
  };

  Status AddSafetensors(const std::filesystem::path& path);
  Status AddGguf(const std::filesystem::path& path);
  Status AddTensor(std::string name, Located&& tensor);

  std::filesystem::path folder_;
  std::vector<MappedFile> files_;
  std::map<std::string, Located, std::less<>> tensors_;
};

}  // namespace coderank
