// The format of a vector segment, for its reader and its writer.
//
//   header   magic "corkvecs", u32 version, u32 dimension, u64 generation, u64 generation of the
//            base (0 in a base), u64 rows, u64 texts that are gone, u64 file size, i64 time of
//            writing (Unix seconds), 32 bytes identity, 32 bytes SHA-256 of the body, 32 bytes
//            SHA-256 of the header up to here, zeros
//   body     sections, in this order, each at a multiple of 64 bytes, zeros between them:
//     ids      [rows] i64, ascending: the text of each row
//     gone     [gone] i64, ascending: texts of the base that exist no more
//     mean     [dimension] f32, of all rows as they stand in the file
//     scales   [rows] f32
//     signs    [rows / 8, rounded up][words][8] u64: kernels/scan.h
//     rows     [rows, depth] i8, depth the dimension rounded up to 64: rotated row = scale * bytes
//
// All numbers are little-endian. Every offset follows from three numbers of the header, so the
// file's size is the only thing that can contradict it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/sha256.h"
#include "kernels/scan.h"

namespace coderank::vector_segment_format {

inline constexpr std::string_view kMagic = "corkvecs";
inline constexpr uint32_t kVersion = 2;
inline constexpr size_t kIdentityAt = 64;
inline constexpr size_t kHashAt = 128;  // of the header before it
inline constexpr size_t kHeaderBytes = 192;
inline constexpr size_t kAlignment = 64;

inline constexpr uint64_t kMaxDimension = kernels::kScanMaxDepth;
// Rows are numbered in 32 bits.
inline constexpr uint64_t kMaxRows = uint64_t{1} << 31;
inline constexpr uint64_t kMaxGone = uint64_t{1} << 40;

constexpr uint64_t RoundUp(uint64_t value, uint64_t step) {
  return (value + step - 1) / step * step;
}

// Where the sections lie. Within the limits above nothing overflows.
struct Layout {
  constexpr Layout(uint64_t dimension, uint64_t rows, uint64_t gone_count)
      : depth(RoundUp(dimension, kernels::kScanDepthStep)),
        words(RoundUp(dimension, kernels::kSignWordBits) / kernels::kSignWordBits),
        groups(RoundUp(rows, kernels::kSignGroup) / kernels::kSignGroup),
        ids(kHeaderBytes),
        gone(RoundUp(ids + rows * sizeof(int64_t), kAlignment)),
        mean(RoundUp(gone + gone_count * sizeof(int64_t), kAlignment)),
        scales(RoundUp(mean + dimension * sizeof(float), kAlignment)),
        signs(RoundUp(scales + rows * sizeof(float), kAlignment)),
        bytes(signs + groups * words * kernels::kSignGroup * sizeof(uint64_t)),
        file_size(bytes + rows * depth) {}

  uint64_t depth;   // bytes of a row
  uint64_t words;   // of the signs of a row
  uint64_t groups;  // of eight rows
  uint64_t ids, gone, mean, scales, signs, bytes, file_size;
};

}  // namespace coderank::vector_segment_format
