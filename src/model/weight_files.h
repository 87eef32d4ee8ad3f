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
  // A model's folder, or a GGUF file by itself.
  static Result<WeightFiles> Open(const std::filesystem::path& folder);

  bool Contains(std::string_view name) const { return tensors_.count(name) != 0; }

  // A matrix [rows, n] as the file holds it.
  struct Matrix {
    std::string where;  // file and tensor, for messages
    std::string_view type;
    std::span<const std::byte> data;
    size_t rows;
    uint64_t interleaved_heads;

    // The bytes of a published row.
    std::span<const std::byte> Row(size_t row) const;
  };
  // kCorrupt if it is missing, has another shape, or rows that are no whole number of blocks.
  Result<Matrix> FindMatrix(std::string_view name, size_t rows, size_t n) const;

  // A tensor of a type that dequantize.h lists, as f32. kCorrupt if it is missing, has another type
  // or shape, or holds a number that is not finite; the message names file and tensor.
  Result<std::vector<float>> Read(std::string_view name, std::span<const uint64_t> shape) const;

 private:
  struct Located {
    std::string file;        // for messages
    std::string_view types;  // what the file's format can be read from, for messages
    TensorView view;
    // Of queries and keys in a GGUF file whose rows stand in another order than the published
    // ones (gguf_decoder.h): their heads. 0 for all others.
    uint64_t interleaved_heads = 0;

    std::string Where(std::string_view name) const;
  };

  Result<const Located*> Find(std::string_view name, std::span<const uint64_t> shape) const;
  Status AddSafetensors(const std::filesystem::path& path);
  Status AddGguf(const std::filesystem::path& path);
  Status AddTensor(std::string name, Located&& tensor);

  std::filesystem::path folder_;
  std::vector<MappedFile> files_;
  std::map<std::string, Located, std::less<>> tensors_;
};

}  // namespace coderank
