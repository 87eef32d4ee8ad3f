// VectorIndex: the vectors of one index, as a base segment and a delta that adds texts to it and
// names those that are gone. Searching needs nothing but these two files.
//
// Scores here are those of int8 rows, within about 0.01 of the cosine: a caller that shows scores
// or needs the exact order asks for some more results than it wants and computes them again from
// the stored rows.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/function_ref.h"
#include "base/sha256.h"
#include "coderank/result.h"
#include "vectors/rotation.h"
#include "vectors/row_set.h"
#include "vectors/segment_scan.h"
#include "vectors/vector_segment.h"

namespace coderank {

struct VectorHit {
  int64_t text_id = 0;
  float score = 0;
};

// Immutable, so thread-safe.
class VectorIndex {
 public:
  // The files inside an index folder.
  static constexpr std::string_view kBaseName = "vectors.base";
  static constexpr std::string_view kDeltaName = "vectors.delta";

  // Rows that a filter lets through; of the index that made it.
  class Selection {
   public:
    size_t count() const;

   private:
    friend class VectorIndex;
    std::vector<RowSet> segments_;
  };

  // kNotFound without a base, or why a file cannot be used (VectorSegment::Open). A delta that
  // belongs to another base, as a killed run leaves it, is passed over: generation() tells.
  static Result<VectorIndex> Open(const std::filesystem::path& folder,
                                  const Sha256Digest& identity);
  // From segments that are open already.
  static Result<VectorIndex> Make(VectorSegment base, std::optional<VectorSegment> delta);

  // Of the newest segment in use: the state of the store that it was made from.
  uint64_t generation() const { return segments_.back().generation(); }
  size_t dimension() const { return segments_.front().dimension(); }
  // Texts that can be found.
  size_t live_count() const { return live_.count(); }
  // [0] the base, [1] the delta, if there is one.
  std::span<const VectorSegment> segments() const { return segments_; }

  // The mean score of `query`, [dimension], among the rows of the base: what a text scores that has
  // nothing to do with it.
  float MeanScore(std::span<const float> query, const kernels::KernelSet& kernels) const;

  // The texts for which `passes` is true. It is called once for every text that can be found,
  // ascending within a segment.
  Selection Select(FunctionRef<bool(int64_t text_id)> passes) const;

  // The `count` best texts, best first, equal scores by text id; of `selection`, or of all without
  // one. kInvalidArgument for a query of another dimension or with numbers that are not finite.
  // The result does not depend on the number of threads.
  Result<std::vector<VectorHit>> Search(std::span<const float> query, size_t count,
                                        const Selection* selection, const ScanResources& resources,
                                        ScanMethod method = ScanMethod::kByCost) const;

 private:
  explicit VectorIndex(size_t dimension) : rotation_(dimension) {}
  std::vector<float> Rotated(std::span<const float> query) const;

  Rotation rotation_;
  std::vector<VectorSegment> segments_;
  Selection live_;
};

// What a delta to a segment must hold, from ascending ids.
struct SegmentChanges {
  std::vector<int64_t> added;  // in `current`, not in the segment
  std::vector<int64_t> gone;   // in the segment, not in `current`
};
SegmentChanges ChangesSince(std::span<const int64_t> segment_ids,
                            std::span<const int64_t> current_ids);

}  // namespace coderank
