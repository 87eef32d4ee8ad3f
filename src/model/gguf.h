// The GGUF format, versions 2 and 3, little-endian: a header with counts, key-value metadata, a
// table of tensors, and the tensors' bytes from an aligned offset on.
//
// Checked here: every count, length and offset against the bytes that are there, unique keys and
// names, known tensor types, a tensor's size by its shape and type, alignment, and that tensors do
// not overlap. What the numbers are and what a model needs is not looked at: an encoder or a
// decoder asks for its own keys and tensors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "coderank/result.h"
#include "model/gguf_metadata.h"
#include "model/gguf_types.h"

namespace coderank {

struct GgufTensor {
  const GgmlType* type;
  std::vector<uint64_t> shape;      // row-major: the reverse of the file's order
  std::span<const std::byte> data;  // of the mapped file
};

using GgufTensors = std::map<std::string, GgufTensor, std::less<>>;

struct Gguf {
  GgufMetadata metadata;
  GgufTensors tensors;
};

// The content of one file's bytes, which must outlive the result. `source` names the file in
// messages. kCorrupt for anything the format does not allow, kInvalidArgument for a version or
// byte order that is not supported.
Result<Gguf> ParseGguf(std::span<const std::byte> bytes, std::string_view source);

// A mapped file with its content. Immutable, so thread-safe.
struct GgufFile {
  MappedFile file;
  Gguf content;

  static Result<GgufFile> Open(const std::filesystem::path& path);
};

}  // namespace coderank
