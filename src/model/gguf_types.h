// The tensor types of GGUF files: on-disk numbers, names and block sizes. How a block becomes
// numbers is in dequantize.h.
#pragma once

#include <cstdint>
#include <string_view>

namespace coderank {

// A row of a tensor is cut into blocks of `elements` values that take `bytes` together; types that
// are not quantised have blocks of one value.
struct GgmlType {
  uint32_t id;  // on disk: never changes
  std::string_view name;
  uint32_t elements;
  uint32_t bytes;
};

// Null for a number that is not a known type.
const GgmlType* FindGgmlType(uint32_t id);

}  // namespace coderank
