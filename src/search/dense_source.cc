#include "search/dense_source.h"

#include <algorithm>
#include <optional>

#include "base/try.h"

namespace coderank {

std::vector<int64_t> TextsOf(const DocumentSet& among, const LexicalIndex& documents) {
  std::vector<int64_t> texts;
  among.ForEach([&](uint32_t document) { texts.push_back(documents.Describe(document).text_id); });
  std::sort(texts.begin(), texts.end());
  return texts;
}

Result<std::vector<int64_t>> SegmentSource::BestTexts(const DenseRequest& request) {
  std::optional<VectorIndex::Selection> selection;
  if (request.among != nullptr) {
    const std::vector<int64_t> passing = TextsOf(*request.among, request.documents);
    selection = vectors_.Select(
        [&passing](int64_t id) { return std::binary_search(passing.begin(), passing.end(), id); });
  }
  CODERANK_ASSIGN(const auto hits, vectors_.Search(request.query, request.count,
                                                   selection ? &*selection : nullptr, resources_));
  std::vector<int64_t> texts;
  for (const VectorHit& hit : hits) texts.push_back(hit.text_id);
  return texts;
}

float SegmentSource::MeanScore(std::span<const float> query) const {
  return vectors_.MeanScore(query, resources_.kernels);
}

}  // namespace coderank
