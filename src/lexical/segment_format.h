// Constants of a lexical segment's file format, for its reader and its writer (segment_file.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace coderank::segment_format {

inline constexpr std::string_view kMagic = "coderlex";
inline constexpr uint32_t kVersion = 1;

// On disk: numbers must not change without a new version.
enum class Section : uint32_t {
  kStatistics = 0,   // Statistics, below
  kChunkIds = 1,     // [documents] i64
  kTextIds = 2,      // [documents] i64
  kFileStarts = 3,   // [files + 1] u32: a file's first document; the last one is `documents`
  kNameOffsets = 4,  // [2 * files + 1] u32 into kNames: path and language of each file
  kNames = 5,        // UTF-8
  kGone = 6,         // [gone] i64, ascending: chunk ids of the base that are no more
  kTermStarts = 7,   // [ceil(terms / kTermsPerGroup)] u32 into kTerms
  kTerms = 8,        // see term_dictionary.h
  kPostings = 9,     // see postings.h
};
inline constexpr size_t kSections = 10;

struct Statistics {
  uint32_t documents;
  uint32_t files;
  uint32_t terms;
  uint32_t gone;
  float average_lengths[5];  // by LexicalField, in tokens
  uint32_t zero;
};
static_assert(sizeof(Statistics) == 40);

// 8 magic + 4 version + 4 sections + 32 identity + 8 constants + 8 generation + 8 base generation +
// 8 file size + 8 checksum of the page table + 16 a section + 8 checksum of all before.
inline constexpr size_t kHeaderBytes = 88 + 16 * kSections + 8;
// Where pages start: the header, filled up with zeros.
inline constexpr size_t kBodyStart = 512;
static_assert(kHeaderBytes <= kBodyStart);
// What is verified at once: some 10 us of hashing when a query touches it for the first time.
inline constexpr size_t kPageBytes = size_t{64} << 10;
inline constexpr size_t kAlignment = 8;

}  // namespace coderank::segment_format
