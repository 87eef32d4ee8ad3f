// Constants of the packed file's format, for its reader and its writer (packed_file.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace coderank::packed_format {

inline constexpr std::string_view kMagic = "coderank";
inline constexpr uint32_t kVersion = 1;
// 8 magic + 4 version + 4 zero + 32 identity + 8 size + 8 time + 16 directory + 32 + 32 hashes.
inline constexpr size_t kHeaderBytes = 144;
inline constexpr uint64_t kAlignment = 64;

}  // namespace coderank::packed_format
