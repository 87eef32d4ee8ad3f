// What the first bytes of a snapshot say. All numbers are little-endian.
//
//   offset  bytes
//        0      8  "coderidx"
//        8      4  format version
//       12      4  length of the header, n
//       16      8  length of the packed database, which follows the header and ends the file
//       24      8  length of the database
//       32     32  SHA-256 of the database
//       64      8  files            |
//       72      8  chunks           |  for people: the database
//       80      8  chunks with vector  |  is what counts
//       88      4  numbers of a vector, 0 without vectors
//       92         texts, each a u16 length and UTF-8: name, model, fingerprint, indexed_at,
//                  exported_at, made_by
//     n - 8      8  XXH3 of the n - 8 bytes before
//
// The checksum and the hash tell damage from what was written; who writes a file on purpose gets
// them right. So every length is checked here, and the database is opened as a stranger's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/sha256.h"
#include "coderank/result.h"

namespace coderank {

struct SnapshotHeader {
  static constexpr size_t kMostBytes = 4096;  // of a header
  static constexpr size_t kMostText = 512;    // bytes of one of its texts

  uint64_t packed_bytes = 0;
  uint64_t database_bytes = 0;
  Sha256Digest sha256{};
  uint64_t files = 0;
  uint64_t chunks = 0;
  uint64_t embedded_chunks = 0;
  uint32_t dimension = 0;
  std::string name;         // of the indexed folder, without what stands before it
  std::string model;        // empty, as the fingerprint: no vectors
  std::string fingerprint;  // of the model
  std::string indexed_at;   // UTC, ISO 8601; empty: the run was not at its end
  std::string exported_at;
  std::string made_by;  // version of coderank

  bool operator==(const SnapshotHeader&) const = default;
};

// Texts are shortened to kMostText and made valid UTF-8.
std::string EncodeHeader(const SnapshotHeader& header);

struct ParsedHeader {
  SnapshotHeader header;
  size_t bytes = 0;  // its length
};

// `bytes`: the first of the file, kMostBytes or all; `source` names it in messages. kCorrupt where
// they are no header, kFailedPrecondition for another version of the format.
Result<ParsedHeader> ParseHeader(std::span<const std::byte> bytes, const std::string& source);

}  // namespace coderank
