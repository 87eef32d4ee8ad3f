#include "vectors/vector_index.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "base/strings.h"
#include "base/try.h"

namespace coderank {
namespace {

void RemoveTexts(const VectorSegment& segment, std::span<const int64_t> texts, RowSet& rows) {
  const auto ids = segment.ids();
  for (const int64_t text : texts) {
    const auto found = std::lower_bound(ids.begin(), ids.end(), text);
    if (found != ids.end() && *found == text) {
      rows.Remove(static_cast<size_t>(found - ids.begin()));
    }
  }
}

bool Better(const VectorHit& a, const VectorHit& b) {
  return a.score != b.score ? a.score > b.score : a.text_id < b.text_id;
}

}  // namespace

size_t VectorIndex::Selection::count() const {
  size_t count = 0;
  for (const RowSet& rows : segments_) count += rows.count();
  return count;
}

Result<VectorIndex> VectorIndex::Open(const std::filesystem::path& folder,
                                      const Sha256Digest& identity) {
  CODERANK_ASSIGN(VectorSegment base, VectorSegment::Open(folder / kBaseName, identity));
  auto delta = VectorSegment::Open(folder / kDeltaName, identity);
  if (delta) return Make(std::move(base), *std::move(delta));
  if (delta.error().code() != StatusCode::kNotFound) return delta.error();
  return Make(std::move(base), std::nullopt);
}

Result<VectorIndex> VectorIndex::Make(VectorSegment base, std::optional<VectorSegment> delta) {
  VectorIndex index(base.dimension());
  const bool has_delta = delta && delta->base_generation() == base.generation();
  if (has_delta && delta->dimension() != base.dimension()) {
    return Corrupt(StrCat("vector segments: the base has dimension ", base.dimension(),
                          ", its delta ", delta->dimension()));
  }
  index.live_.segments_.push_back(RowSet::All(base.row_count()));
  index.segments_.push_back(std::move(base));
  if (has_delta) {
    // A text that the delta holds too is the delta's.
    RemoveTexts(index.segments_[0], delta->gone(), index.live_.segments_[0]);
    RemoveTexts(index.segments_[0], delta->ids(), index.live_.segments_[0]);
    index.live_.segments_.push_back(RowSet::All(delta->row_count()));
    index.segments_.push_back(*std::move(delta));
  }
  return index;
}

std::vector<float> VectorIndex::Rotated(std::span<const float> query) const {
  std::vector<float> rotated(query.begin(), query.end());
  rotation_.Apply(rotated);
  return rotated;
}

float VectorIndex::MeanScore(std::span<const float> query,
                             const kernels::KernelSet& kernels) const {
  return kernels.dot(Rotated(query).data(), segments_.front().mean().data(), query.size());
}

VectorIndex::Selection VectorIndex::Select(FunctionRef<bool(int64_t text_id)> passes) const {
  Selection selection;
  for (size_t i = 0; i < segments_.size(); ++i) {
    const auto ids = segments_[i].ids();
    RowSet rows(ids.size());
    live_.segments_[i].VisitRuns(0, ids.size(), [&](size_t first, size_t end) {
      for (size_t row = first; row < end; ++row) {
        if (passes(ids[row])) rows.Insert(row);
      }
    });
    selection.segments_.push_back(std::move(rows));
  }
  return selection;
}

Result<std::vector<VectorHit>> VectorIndex::Search(std::span<const float> query, size_t count,
                                                   const Selection* selection,
                                                   const ScanResources& resources,
                                                   ScanMethod method) const {
  if (query.size() != dimension()) {
    return InvalidArgument(StrCat("vector search: expected a query of dimension ", dimension(),
                                  ", found ", query.size()));
  }
  if (!std::all_of(query.begin(), query.end(), [](float v) { return std::isfinite(v); })) {
    return InvalidArgument("vector search: the query holds a number that is not finite");
  }
  const std::vector<float> rotated = Rotated(query);
  const Selection& selected = selection == nullptr ? live_ : *selection;
  std::vector<VectorHit> hits;
  for (size_t i = 0; i < segments_.size(); ++i) {
    for (const ScoredRow& found :
         ScanSegment(segments_[i], rotated, count, selected.segments_[i], method, resources)) {
      hits.push_back({.text_id = segments_[i].ids()[found.row], .score = found.score});
    }
  }
  std::sort(hits.begin(), hits.end(), Better);
  if (hits.size() > count) hits.resize(count);
  return hits;
}

SegmentChanges ChangesSince(std::span<const int64_t> segment_ids,
                            std::span<const int64_t> current_ids) {
  SegmentChanges changes;
  std::set_difference(current_ids.begin(), current_ids.end(), segment_ids.begin(),
                      segment_ids.end(), std::back_inserter(changes.added));
  std::set_difference(segment_ids.begin(), segment_ids.end(), current_ids.begin(),
                      current_ids.end(), std::back_inserter(changes.gone));
  return changes;
}

}  // namespace coderank
