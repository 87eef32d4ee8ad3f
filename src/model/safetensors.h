// The safetensors format: an 8-byte header length, a JSON header, the tensors' bytes.
//
// Checked as the official library does: the header is at most 100 MB and within the file, names
// are unique, a tensor's size is its shape times its type, and the tensors cover the data exactly,
// without overlap or hole. What the numbers are is not looked at here (see WeightFiles).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "coderank/result.h"

namespace coderank {

struct TensorView {
  std::string dtype;                // as written: "F32", "I64", ...
  std::vector<uint64_t> shape;      // row-major
  std::span<const std::byte> data;  // of the mapped file
};

using TensorMap = std::map<std::string, TensorView, std::less<>>;

// The tensors of one file's bytes, which must outlive the result. `source` names the file in
// messages. kCorrupt for anything the format does not allow.
Result<TensorMap> ParseSafetensors(std::span<const std::byte> bytes, std::string_view source);

}  // namespace coderank
