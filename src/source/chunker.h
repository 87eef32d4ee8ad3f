// Chunker: a source file cut into the units that are embedded and found.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace coderank {

inline constexpr size_t kMaximumContextBytes = 600;

// Byte spans of a file's chunks are disjoint, ascending, and cover every non-blank byte once.
struct Chunk {
  uint64_t start_byte = 0;
  uint64_t end_byte = 0;    // exclusive
  uint32_t start_line = 1;  // 1-based
  uint32_t end_line = 1;    // inclusive
  std::string symbol;       // the name its main definition has; empty when unknown
  std::string kind;         // "function", "class", ... of that; empty when unknown
  std::string scope;        // names of what encloses it, outermost first, joined by '.'
  // Every name that is defined in it, in order, `symbol` included; of a definition that was split
  // only the chunk that holds its head has its name.
  std::vector<std::string> definitions;
  // Signatures of what encloses it, a line each, outermost first. They are embedded before the
  // chunk's own text, which may stand far below them in the file. At most kMaximumContextBytes.
  std::string context;
  bool cut = false;  // a single line was longer than the limit and had to be cut
};

struct ChunkLimits {
  uint32_t target_characters = 1000;  // non-blank characters wanted in a chunk
  uint32_t maximum_characters = 2000;
};

struct SourceText {
  std::string_view content;   // valid UTF-8
  std::string_view language;  // a name from DetectLanguage, or empty
};

struct CutFile {
  std::vector<Chunk> chunks;
  // Why it was cut by lines although its language has a grammar; empty when nothing was lost.
  std::string lost_syntax;
};

// Thread-safe.
class Chunker {
 public:
  virtual ~Chunker() = default;
  // Names what decides its chunks besides a text: limits, rules, grammars.
  virtual std::string Version() const = 0;
  // One result a file, in order. Faster than one by one where chunkers work in parallel.
  virtual std::vector<CutFile> CutAll(std::span<const SourceText> files) const {
    std::vector<CutFile> cut;
    cut.reserve(files.size());
    for (const SourceText& file : files) {
      cut.push_back({.chunks = Cut(file.content, file.language), .lost_syntax = {}});
    }
    return cut;
  }
  // `content` is valid UTF-8. `language` is a name from DetectLanguage, or empty.
  virtual std::vector<Chunk> Cut(std::string_view content, std::string_view language) const = 0;
};

}  // namespace coderank
