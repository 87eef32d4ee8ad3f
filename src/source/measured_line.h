// MeasuredLine: a line of a text and how large it is, for chunkers that count non-blank characters.
//
// A line ends at '\n'; the '\r' before it is blank, and a lone '\r' does not end a line. Blank are
// ASCII white space and a byte order mark at the start of the text. A character is a Unicode scalar
// value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "source/chunker.h"

namespace coderank {

inline constexpr uint32_t kMaximumColumns = 16;

struct MeasuredLine {
  size_t start = 0;  // bytes; indentation included
  size_t end = 0;    // after the last non-blank byte; 0 for a blank line
  uint32_t number = 1;
  uint32_t characters = 0;      // non-blank ones
  uint32_t columns = 0;         // of indentation, at most kMaximumColumns or a tab more
  bool after_blank = false;     // the line above is blank
  bool starts_closing = false;  // its first byte closes or opens what the lines above began
};

// Goes over the lines of a text that are not blank.
class LineReader {
 public:
  explicit LineReader(std::string_view text);
  // False at the end of the text.
  bool Next(MeasuredLine& line);

 private:
  std::string_view text_;
  size_t at_ = 0;
  uint32_t number_ = 0;
  bool after_blank_ = false;
};

// A line that is too long for a chunk, in equal pieces of at most `target` characters, at character
// boundaries and without blanks at their ends. They are flagged as cut.
std::vector<Chunk> CutLine(std::string_view text, const MeasuredLine& line, uint32_t target);

// Limits below 1 count as 1, and a maximum below the target as the target.
ChunkLimits Sane(ChunkLimits limits);

}  // namespace coderank
