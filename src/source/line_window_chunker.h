// LineWindowChunker: chunks of consecutive lines, for text whose language has no grammar here.
//
// Lines and characters are those of measured_line.h. A chunk begins at the start of a line (its
// indentation belongs to it) and ends after the last non-blank byte of a line, except in lines that
// had to be cut.
#pragma once

#include "source/chunker.h"

namespace coderank {

class LineWindowChunker : public Chunker {
 public:
  // Limits below 1 count as 1, and a maximum below the target as the target.
  explicit LineWindowChunker(ChunkLimits limits);

  std::string Version() const override;
  // Linear in the content; apart from the chunks it needs memory for one window of lines.
  // `language` does not matter.
  std::vector<Chunk> Cut(std::string_view content, std::string_view language) const override;

 private:
  ChunkLimits limits_;
};

}  // namespace coderank
