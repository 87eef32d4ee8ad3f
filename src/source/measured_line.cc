#include "source/measured_line.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"

namespace coderank {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr uint32_t kTabColumns = 4;

bool StartsCharacter(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }

// [start, stop) is the line without '\n'.
MeasuredLine Measure(std::string_view text, size_t start, size_t stop) {
  MeasuredLine line;
  line.start = start;
  size_t at = start;
  for (; at < stop && IsAsciiSpace(text[at]); ++at) {
    if (line.columns < kMaximumColumns) line.columns += text[at] == '\t' ? kTabColumns : 1;
  }
  line.starts_closing = at < stop && std::string_view("}])({").find(text[at]) != std::string::npos;
  for (; at < stop; ++at) {
    if (IsAsciiSpace(text[at])) continue;
    line.end = at + 1;
    if (StartsCharacter(text[at]) && line.characters < std::numeric_limits<uint32_t>::max()) {
      ++line.characters;
    }
  }
  return line;
}

}  // namespace

LineReader::LineReader(std::string_view text)
    : text_(text), at_(text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0) {}

bool LineReader::Next(MeasuredLine& line) {
  while (at_ < text_.size()) {
    const size_t stop = std::min(text_.find('\n', at_), text_.size());
    line = Measure(text_, at_, stop);
    line.number = ++number_;
    at_ = stop + 1;
    const bool blank = line.end == 0;
    line.after_blank = std::exchange(after_blank_, blank);
    if (!blank) return true;
  }
  return false;
}

std::vector<Chunk> CutLine(std::string_view text, const MeasuredLine& line, uint32_t target) {
  const auto up = [](uint64_t a, uint64_t b) { return (a + b - 1) / b; };
  const uint64_t size = up(line.characters, up(line.characters, target));
  std::vector<Chunk> pieces;
  Chunk piece;
  piece.start_line = piece.end_line = line.number;
  piece.cut = true;
  uint64_t characters = 0;
  piece.start_byte = piece.end_byte = line.start;
  for (size_t at = line.start; at < line.end; ++at) {
    if (IsAsciiSpace(text[at])) continue;
    if (StartsCharacter(text[at])) {
      if (characters == size) {
        pieces.push_back(piece);
        characters = 0;
      }
      if (characters++ == 0) piece.start_byte = at;
    }
    piece.end_byte = at + 1;
  }
  pieces.push_back(piece);
  return pieces;
}

ChunkLimits Sane(ChunkLimits limits) {
  limits.target_characters = std::max(limits.target_characters, 1U);
  limits.maximum_characters = std::max(limits.maximum_characters, limits.target_characters);
  return limits;
}

}  // namespace coderank
