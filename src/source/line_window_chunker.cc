#include "source/line_window_chunker.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>

#include "base/strings.h"
#include "source/measured_line.h"

namespace coderank {
namespace {

// Where a boundary is put. All are in hundredths of the target size, the unit of the distance
// between a chunk's size and the target: a blank line is worth being 30 % off, and so on.
constexpr uint32_t kNoBlankLineCost = 30;
constexpr uint32_t kCostPerColumn = 3;
constexpr uint32_t kCloserCost = 40;

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
    LineReader reader(text_);
    for (MeasuredLine line; reader.Next(line);) Add(line);
    EmitAll();
    return std::move(chunks_);
  }

 private:
  void Add(const MeasuredLine& line) {
    if (line.characters > limits_.maximum_characters) {
      EmitAll();
      for (Chunk& piece : CutLine(text_, line, limits_.target_characters)) {
        Append(std::move(piece), 0);  // its size does not matter: nothing joins a cut piece
      }
      return;
    }
    while (!window_.empty() && window_characters_ + line.characters > ceiling_) {
      Emit(BestBoundary(line));
    }
    window_.push_back(line);
    window_characters_ += line.characters;
  }

  // How many of the window's lines the next chunk takes; `next` follows the window.
  size_t BestBoundary(const MeasuredLine& next) const {
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

  uint64_t BoundaryCost(uint64_t characters, const MeasuredLine& after) const {
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
    const MeasuredLine& first = window_.front();
    const MeasuredLine& last = window_[lines - 1];
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

  void Append(Chunk chunk, uint64_t characters) {
    chunks_.push_back(std::move(chunk));
    last_characters_ = characters;
  }

  std::string_view text_;
  const ChunkLimits& limits_;
  uint64_t ceiling_ = 0;
  std::vector<MeasuredLine> window_;
  uint64_t window_characters_ = 0;
  std::vector<Chunk> chunks_;
  uint64_t last_characters_ = 0;  // of chunks_.back()
};

}  // namespace

LineWindowChunker::LineWindowChunker(ChunkLimits limits) : limits_(Sane(limits)) {}

// Raise the number when the same text gives other chunks.
std::string LineWindowChunker::Version() const {
  return StrCat("lines 1 ", limits_.target_characters, " ", limits_.maximum_characters);
}

std::vector<Chunk> LineWindowChunker::Cut(std::string_view content, std::string_view) const {
  return WindowCutter(content, limits_).Run();
}

}  // namespace coderank
