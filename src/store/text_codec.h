// Chunk texts as zstd frames (RFC 8878).
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "coderank/result.h"

namespace coderank {

Result<std::vector<std::byte>> CompressText(std::string_view text);
// kCorrupt when the frame is damaged or does not give exactly `size` bytes. No more than `size`
// bytes are ever allocated, whatever the frame claims.
Result<std::string> DecompressText(std::span<const std::byte> frame, size_t size);

}  // namespace coderank
