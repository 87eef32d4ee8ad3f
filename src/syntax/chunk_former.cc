#include "syntax/chunk_former.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "syntax/chunk_labels.h"
#include "syntax/definition_tree.h"

namespace coderank {
namespace {

// Shares of the target size, in hundredths. A definition of 300 characters (some ten lines) says
// enough to be found by itself; below 100 a chunk is mostly closing brackets or one constant.
constexpr uint64_t kOwnChunkShare = 30;
constexpr uint64_t kTinyShare = 10;
// Where a run of lines is cut, in hundredths of the wanted size as in line_window_chunker.cc.
constexpr uint64_t kNoBlankLineCost = 30;
constexpr uint64_t kCostPerLevel = 12;
constexpr uint64_t kMostLevels = 8;
constexpr uint64_t kCloserCost = 40;
constexpr uint64_t kAttachmentCost = 60;

// Consecutive lines that become a chunk, or a piece of one line that is too long.
struct Plan {
  size_t first = 0;  // lines [first, last)
  size_t last = 0;
  uint64_t characters = 0;
  bool cut = false;
  Chunk piece;  // when `cut`
};

class Planner {
 public:
  Planner(const TextLines& lines, const DefinitionTree& tree, const std::vector<uint8_t>& depths,
          const ChunkLimits& limits)
      : lines_(lines), tree_(tree), depths_(depths), limits_(limits) {
    ceiling_ =
        std::min<uint64_t>(limits.maximum_characters, uint64_t{limits.target_characters} * 3 / 2);
  }

  std::vector<Plan> Run() {
    CutNode(DefinitionTree::kRoot);
    return JoinTiny();
  }

 private:
  uint64_t Share(uint64_t hundredths) const { return limits_.target_characters * hundredths / 100; }

  // Between its members; what lies between them is a run of lines.
  void CutNode(size_t index) {
    const DefinitionTree::Node& node = tree_[index];
    size_t at = node.first;
    for (const size_t child : node.children) {
      CutRun(at, tree_[child].first);
      AddDefinition(child);
      at = tree_[child].last;
    }
    CutRun(at, node.last);
    Flush();
  }

  void AddDefinition(size_t index) {
    const DefinitionTree::Node& node = tree_[index];
    const uint64_t characters = lines_.Characters(node.first, node.last);
    const DefinitionRole role = node.definition->role;
    const bool container = role == DefinitionRole::kContainer || role == DefinitionRole::kExtension;
    const uint64_t most = container && !node.children.empty() ? limits_.target_characters
                                                              : limits_.maximum_characters;
    if (characters > most) {
      Flush();
      CutNode(index);
    } else if (characters >= Share(kOwnChunkShare) && role != DefinitionRole::kMember) {
      Flush();
      plans_.push_back({.first = node.first, .last = node.last, .characters = characters});
    } else {
      AddSmall(node.first, node.last);
    }
  }

  // Lines without a definition that would be worth a chunk.
  void CutRun(size_t first, size_t last) {
    size_t at = first;
    for (size_t line = first; line < last; ++line) {
      if (lines_[line].characters <= limits_.maximum_characters) continue;
      CutWindows(at, line);
      Flush();
      for (Chunk& piece : CutLine(lines_.text(), lines_[line], limits_.target_characters)) {
        plans_.push_back({.first = line, .last = line + 1, .cut = true, .piece = std::move(piece)});
      }
      at = line + 1;
    }
    CutWindows(at, last);
  }

  void CutWindows(size_t first, size_t last) {
    for (;;) {
      const uint64_t left = lines_.Characters(first, last);
      if (left <= ceiling_) break;
      const size_t end = BestEnd(first, last, left);
      AddSmall(first, end);
      first = end;
    }
    if (first < last) AddSmall(first, last);
  }

  // Where the first window of a run of `left` characters ends.
  size_t BestEnd(size_t first, size_t last, uint64_t left) const {
    const uint64_t target = limits_.target_characters;
    const uint64_t wanted = left / ((left + target - 1) / target);  // windows of about one size
    const auto fits = [&](size_t end) {
      return end < last && lines_.Characters(first, end) <= ceiling_;
    };
    size_t begin = first + 1;
    while (fits(begin + 1) && lines_.Characters(first, begin) < wanted / 2) ++begin;
    uint64_t shallowest = std::numeric_limits<uint64_t>::max();
    for (size_t end = begin; fits(end); ++end) shallowest = std::min(shallowest, Depth(end));
    size_t best = begin;
    uint64_t best_cost = std::numeric_limits<uint64_t>::max();
    for (size_t end = begin; fits(end); ++end) {
      const uint64_t size = lines_.Characters(first, end);
      const uint64_t off = size > wanted ? size - wanted : wanted - size;
      const uint64_t cost = off * 100 / std::max<uint64_t>(wanted, 1) + CutCost(end, shallowest);
      if (cost <= best_cost) {
        best_cost = cost;
        best = end;
      }
    }
    return best;
  }

  // Of a cut before `line`; `shallowest` is the least depth that there is to choose from.
  uint64_t CutCost(size_t line, uint64_t shallowest) const {
    uint64_t cost = kCostPerLevel * std::min(Depth(line) - shallowest, kMostLevels);
    if (lines_.Adjoins(line)) cost += kNoBlankLineCost;
    if (lines_[line].starts_closing) cost += kCloserCost;
    if (lines_.Adjoins(line) && tree_.AttachmentEndsAt(line - 1)) cost += kAttachmentCost;
    return cost;
  }

  uint64_t Depth(size_t line) const {
    const size_t row = lines_[line].number - 1;
    return row < depths_.size() ? depths_[row] : 0;
  }

  // Small neighbours collect until they have the size of a chunk.
  void AddSmall(size_t first, size_t last) {
    const uint64_t characters = lines_.Characters(first, last);
    const bool joins = pending_.last == first && pending_.characters != 0;
    if (joins && pending_.characters + characters <= limits_.target_characters) {
      pending_.last = last;
      pending_.characters += characters;
      return;
    }
    Flush();
    pending_ = {.first = first, .last = last, .characters = characters};
  }

  void Flush() {
    if (pending_.characters != 0) plans_.push_back(std::exchange(pending_, {}));
  }

  // Tiny chunks go to the neighbour to which they are bound more closely.
  std::vector<Plan> JoinTiny() {
    std::vector<Plan> joined;
    for (size_t i = 0; i < plans_.size(); ++i) {
      Plan& plan = plans_[i];
      Plan* const before = joined.empty() ? nullptr : &joined.back();
      Plan* const after = i + 1 == plans_.size() ? nullptr : &plans_[i + 1];
      if (plan.cut || plan.characters >= Share(kTinyShare) ||
          (!CanJoin(plan, before) && !CanJoin(plan, after))) {
        joined.push_back(std::move(plan));
      } else if (!CanJoin(plan, after) ||
                 (CanJoin(plan, before) && Bond(plan.first) > Bond(plan.last))) {
        before->last = plan.last;
        before->characters += plan.characters;
      } else {
        after->first = plan.first;
        after->characters += plan.characters;
      }
    }
    return joined;
  }

  bool CanJoin(const Plan& plan, const Plan* other) const {
    return other != nullptr && !other->cut &&
           plan.characters + other->characters <= limits_.maximum_characters;
  }

  // How closely a line belongs to the one above.
  uint64_t Bond(size_t line) const {
    uint64_t bond = 2 * Depth(line);
    if (lines_.Adjoins(line)) bond += lines_[line].starts_closing ? 2U : 1U;
    return bond;
  }

  const TextLines& lines_;
  const DefinitionTree& tree_;
  const std::vector<uint8_t>& depths_;
  const ChunkLimits& limits_;
  uint64_t ceiling_ = 0;
  std::vector<Plan> plans_;
  Plan pending_;
};

Chunk ToChunk(const TextLines& lines, Plan&& plan) {
  if (plan.cut) return std::move(plan.piece);
  Chunk chunk;
  chunk.start_byte = lines[plan.first].start;
  chunk.end_byte = lines[plan.last - 1].end;
  chunk.start_line = lines[plan.first].number;
  chunk.end_line = lines[plan.last - 1].number;
  return chunk;
}

}  // namespace

std::vector<Chunk> FormChunks(std::string_view text, const Outline& outline,
                              const ChunkLimits& given) {
  const ChunkLimits limits = Sane(given);
  const TextLines lines(text);
  const DefinitionTree tree(lines, outline);
  std::vector<Chunk> chunks;
  for (Plan& plan : Planner(lines, tree, outline.depths, limits).Run()) {
    chunks.push_back(ToChunk(lines, std::move(plan)));
  }
  LabelChunks(lines, tree, chunks);
  return chunks;
}

}  // namespace coderank
