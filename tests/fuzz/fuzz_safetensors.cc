// Any bytes as a safetensors file: an error or tensors that lie within the bytes, nothing else.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "model/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto tensors = coderank::ParseSafetensors(bytes, "fuzz");
  if (!tensors) return 0;
  for (const auto& [name, tensor] : *tensors) {
    const bool inside = tensor.data.data() >= bytes.data() &&
                        tensor.data.data() + tensor.data.size() <= bytes.data() + bytes.size();
    if (!inside) std::abort();
  }
  return 0;
}
