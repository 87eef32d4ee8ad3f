// Where a search gets the texts that are nearest to its query by their vectors: files beside the
// index, or whatever else holds the same vectors. Ranking does not depend on which: it computes the
// cosines of its candidates from the rows in the store.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "coderank/result.h"
#include "lexical/document_set.h"
#include "lexical/lexical_index.h"
#include "vectors/segment_scan.h"
#include "vectors/vector_index.h"

namespace coderank {

struct DenseRequest {
  std::span<const float> query;  // [dimension], unit length
  size_t count = 0;              // of texts that are wanted
  const LexicalIndex& documents;
  const DocumentSet* among = nullptr;  // only texts of these documents; null: all
};

// Not thread-safe.
class DenseSource {
 public:
  virtual ~DenseSource() = default;
  // Texts by their ids, best first. kUnavailable: it cannot be asked now, and who has other ways to
  // find candidates goes on with those.
  virtual Result<std::vector<int64_t>> BestTexts(const DenseRequest& request) = 0;
  // What a text scores that has nothing to do with the query.
  virtual float MeanScore(std::span<const float> query) const = 0;
};

// The files beside the index. Borrows both.
class SegmentSource final : public DenseSource {
 public:
  SegmentSource(const VectorIndex& vectors, const ScanResources& resources)
      : vectors_(vectors), resources_(resources) {}

  Result<std::vector<int64_t>> BestTexts(const DenseRequest& request) override;
  float MeanScore(std::span<const float> query) const override;

 private:
  const VectorIndex& vectors_;
  ScanResources resources_;
};

// The texts of documents, ascending; a text that stands several times is there as often.
std::vector<int64_t> TextsOf(const DocumentSet& among, const LexicalIndex& documents);

}  // namespace coderank
