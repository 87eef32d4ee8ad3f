// Checksums against damage by accident: XXH3 with 64 bits, by xxHash. Against malice there is
// SHA-256 (sha256.h); this one is ten times faster.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace coderank {

uint64_t Checksum64(std::span<const std::byte> bytes);
uint64_t Checksum64(std::string_view text);

}  // namespace coderank
