// Chunker: a source file cut into the units that are embedded and found.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace coderank {

// Byte spans of a file's chunks are disjoint, ascending, and cover every non-blank byte once.
struct Chunk {
  uint64_t start_byte = 0;
  uint64_t end_byte = 0;    // exclusive
  uint32_t start_line = 1;  // 1-based
  uint32_t end_line = 1;    // inclusive
  std::string symbol;       // defined name; empty when unknown
  std::string kind;         // "function", "class", ...; empty when unknown
  bool cut = false;         // a single line was longer than the limit and had to be cut
};

struct ChunkLimits {
  uint32_t target_characters = 1000;  // non-blank characters wanted in a chunk
  uint32_t maximum_characters = 2000;
};

// Stateless, so thread-safe.
class Chunker {
 public:
  virtual ~Chunker() = default;
  // `content` is valid UTF-8. `language` is a name from DetectLanguage, or empty.
  virtual std::vector<Chunk> Cut(std::string_view content, std::string_view language) const = 0;
};

}  // namespace coderank
