// The JSON header of a safetensors file: its grammar, not yet its meaning.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coderank/result.h"

namespace coderank {

struct TensorEntry {
  std::string name;
  std::string dtype;
  std::vector<uint64_t> shape;
  std::vector<uint64_t> offsets;  // [begin, end) within the data; always two
};

// The entries in the order of the header; `__metadata__` is checked and dropped. Reads as a stream
// of events, so that memory stays in proportion to the text whatever it holds. The error is the
// problem alone; the caller knows the file.
Result<std::vector<TensorEntry>> ParseSafetensorsHeader(std::string_view json);

}  // namespace coderank
