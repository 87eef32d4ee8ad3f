// The layouts that a scan over many vectors reads: int8 rows for dot products, sign bits for
// Hamming distances.
//
// Signs. A row's signs are words of 64 bits, bit i of word w for coordinate 64 w + i. Eight rows
// lie together, a group: word 0 of each of the eight, then word 1 of each, and so on. So a 512-bit
// register holds one word of eight rows, and their counts of bits add up in its lanes: no sum
// across a register is needed, which a row of 384 or 768 bits would otherwise spend its time on.
//
// Plain numbers: the kernels' translation units may not see inline functions (kernels_avx2.cc).
#pragma once

#include <cstddef>

namespace coderank::kernels {

// Bytes of an int8 row are padded with zeros to a multiple of this, a 512-bit register.
inline constexpr size_t kScanDepthStep = 64;
// The sum of so many products 128 * 127 cannot overflow int32.
inline constexpr size_t kScanMaxDepth = 65536;
inline constexpr size_t kSignGroup = 8;  // rows
inline constexpr size_t kSignWordBits = 64;

}  // namespace coderank::kernels
