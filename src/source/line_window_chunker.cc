#include "source/line_window_chunker.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>

namespace coderank {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Where a boundary is put. All are in hundredths of the target size, the unit of the distance
// between a chunk's size and the target: a blank line is worth being 30 % off, and so on.
constexpr uint32_t kNoBlankLineCost = 30;
constexpr uint32_t kCostPerColumn = 3;
constexpr uint32_t kMaximumColumns = 16;
constexpr uint32_t kCloserCost = 40;
constexpr uint32_t kTabColumns = 4;

bool IsBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool StartsCharacter(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }

struct Line {
  size_t start = 0;  // bytes; indentation included
  size_t end = 0;    // after the last non-blank byte
  uint32_t number = 1;
  uint32_t characters = 0;      // non-blank ones
  uint32_t columns = 0;         // of indentation
  bool after_blank = false;     // the line above is blank
  bool starts_closing = false;  // its first byte closes or opens what the lines above began
};

// A line that is not blank, measured. `text` is the content, [start, stop) the line without '\n'.
Line Measure(std::string_view text, size_t start, size_t stop) {
  Line line;
  line.start = start;
  size_t at = start;
  for (; at < stop && IsBlank(text[at]); ++at) {
    if (line.columns < kMaximumColumns) line.columns += text[at] == '\t' ? kTabColumns : 1;
  }
  line.starts_closing = at < stop && std::string_view("}])({").find(text[at]) != std::string::npos;
  for (; at < stop; ++at) {
    if (IsBlank(text[at])) continue;
    line.end = at + 1;
    if (StartsCharacter(text[at]) && line.characters < std::numeric_limits<uint32_t>::max()) {
      ++line.characters;
    }
  }
  return line;
}

// Cuts one text. Lines collect in a window; when the next line would make it too large, the best
// boundary in it ends a chunk and the lines after that stay.
class WindowCutter {
 public:
  WindowCutter(std::string_view text, const ChunkLimits& limits) : text_(text), limits_(limits) {
    // Half as much again as the target leaves room to look for a good boundary beyond it.
    ceiling_ =
        std::min<uint64_t>(limits.maximum_characters, uint64_t{limits.target_characters} * 3 / 2);
  }

  std::vector<Chunk> Run() {
    size_t at = text_.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
    bool after_blank = false;
    for (uint32_t number = 1; at < text_.size(); ++number) {
      const size_t stop = std::min(text_.find('\n', at), text_.size());
      Line line = Measure(text_, at, stop);
      line.number = number;
      line.after_blank = std::exchange(after_blank, line.end == 0);
      if (line.end != 0) Add(line);
      at = stop + 1;
    }
    EmitAll();
    return std::move(chunks_);
  }

 private:
  void Add(const Line& line) {
    if (line.characters > limits_.maximum_characters) {
      EmitAll();
      CutLine(line);
      return;
    }
    while (!window_.empty() && window_characters_ + line.characters > ceiling_) {
      Emit(BestBoundary(line));
    }
    window_.push_back(line);
    window_characters_ += line.characters;
  }

  // How many of the window's lines the next chunk takes; `next` follows the window.
  size_t BestBoundary(const Line& next) const {
    size_t best = window_.size();
    uint64_t best_cost = std::numeric_limits<uint64_t>::max();
    uint64_t characters = 0;
    for (size_t i = 0; i < window_.size(); ++i) {
      characters += window_[i].characters;
      // Smaller chunks than half the target only where no boundary lies beyond.
      if (characters < limits_.target_characters / 2 && i + 1 < window_.size()) continue;
      const uint64_t cost =
          BoundaryCost(characters, i + 1 < window_.size() ? window_[i + 1] : next);
      if (cost <= best_cost) {
        best_cost = cost;
        best = i + 1;
      }
    }
    return best;
  }

  uint64_t BoundaryCost(uint64_t characters, const Line& after) const {
    const uint64_t target = limits_.target_characters;
    const uint64_t off = characters > target ? characters - target : target - characters;
    uint64_t cost = off * 100 / target;
    if (!after.after_blank) cost += kNoBlankLineCost;
    cost += uint64_t{kCostPerColumn} * std::min(after.columns, kMaximumColumns);
    if (after.starts_closing) cost += kCloserCost;
    return cost;
  }

  // The window's first `lines` lines become a chunk.
  void Emit(size_t lines) {
    const Line& first = window_.front();
    const Line& last = window_[lines - 1];
    uint64_t characters = 0;
    for (size_t i = 0; i < lines; ++i) characters += window_[i].characters;
    Chunk chunk;
    chunk.start_byte = first.start;
    chunk.end_byte = last.end;
    chunk.start_line = first.number;
    chunk.end_line = last.number;
    Append(std::move(chunk), characters);
    window_.erase(window_.begin(), window_.begin() + static_cast<std::ptrdiff_t>(lines));
    window_characters_ -= characters;
  }

  // At the end of the text or before a line that is cut.
  void EmitAll() {
    if (window_.empty()) return;
    const uint64_t characters = window_characters_;
    const bool tiny = characters < limits_.target_characters / 5;
    if (tiny && !chunks_.empty() && !chunks_.back().cut &&
        last_characters_ + characters <= limits_.maximum_characters) {
      chunks_.back().end_byte = window_.back().end;
      chunks_.back().end_line = window_.back().number;
      last_characters_ += characters;
      window_.clear();
      window_characters_ = 0;
      return;
    }
    Emit(window_.size());
  }

  // Equal pieces of at most the target size, at character boundaries and without blanks at their
  // ends.
  void CutLine(const Line& line) {
    const auto up = [](uint64_t a, uint64_t b) { return (a + b - 1) / b; };
    const uint64_t size = up(line.characters, up(line.characters, limits_.target_characters));
    Chunk piece;
    piece.start_line = piece.end_line = line.number;
    piece.cut = true;
    uint64_t characters = 0;
    piece.start_byte = piece.end_byte = line.start;
    for (size_t at = line.start; at < line.end; ++at) {
      if (IsBlank(text_[at])) continue;
      if (StartsCharacter(text_[at])) {
        if (characters == size) {
          Append(piece, characters);
          characters = 0;
        }
        if (characters++ == 0) piece.start_byte = at;
      }
      piece.end_byte = at + 1;
    }
    Append(piece, characters);
  }

  void Append(Chunk chunk, uint64_t characters) {
    chunks_.push_back(std::move(chunk));
    last_characters_ = characters;
  }

  std::string_view text_;
  const ChunkLimits& limits_;
  uint64_t ceiling_ = 0;
  std::vector<Line> window_;
  uint64_t window_characters_ = 0;
  std::vector<Chunk> chunks_;
  uint64_t last_characters_ = 0;  // of chunks_.back()
};

ChunkLimits Sane(ChunkLimits limits) {
  limits.target_characters = std::max(limits.target_characters, 1U);
  limits.maximum_characters = std::max(limits.maximum_characters, limits.target_characters);
  return limits;
}

}  // namespace

LineWindowChunker::LineWindowChunker(ChunkLimits limits) : limits_(Sane(limits)) {}

std::vector<Chunk> LineWindowChunker::Cut(std::string_view content, std::string_view) const {
  return WindowCutter(content, limits_).Run();
}

}  // namespace coderank
