// The best documents of a segment for weighted posting lists, without looking at most postings.
//
// Documents are gone through in windows of 4096. In each, every list has an upper bound from the
// largest impacts of its blocks there. The lists with the smallest bounds, as many as together
// cannot lift a document above the worst one kept so far, are not needed to find documents: the
// others are added up in an array, and only what could still get in is looked up in them
// (MaxScore by window, with block maxima). Windows where no list is needed are skipped.
//
// Scores are whole numbers, sums of weight x impact. So they do not depend on the order of adding,
// and the result is exactly that of adding up everything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/function_ref.h"
#include "lexical/document_set.h"
#include "lexical/postings.h"

namespace coderank {

// 64 lists of the largest weight and impact stay below 2^32.
inline constexpr size_t kMaximumLists = 64;
inline constexpr uint32_t kMaximumListWeight = 65'535;

struct WeightedList {
  PostingCursor postings;
  uint32_t weight;  // 1 to kMaximumListWeight
};

struct ScoredDocument {
  uint32_t document;
  uint32_t score;
};

// The best `capacity` documents, offered in ascending order; of equal scores the first ones.
class TopDocuments {
 public:
  explicit TopDocuments(size_t capacity) : capacity_(capacity) {}

  // A document needs more than this to get in.
  uint32_t threshold() const { return threshold_; }
  void Offer(ScoredDocument document);
  // Best first. Empties the list.
  std::vector<ScoredDocument> Take();

 private:
  size_t capacity_;
  uint32_t threshold_ = 0;
  std::vector<ScoredDocument> heap_;  // worst first
};

// Offers the documents of a segment. Numbers in `among`, `accept` and `top` are `first_document`
// larger than in the lists. `accept` is asked about documents that would get in, and only those.
// Precondition: at most kMaximumLists lists, none used before.
void SearchWindows(std::span<WeightedList> lists, uint32_t document_count, uint32_t first_document,
                   const DocumentSet& among, FunctionRef<bool(ScoredDocument)> accept,
                   TopDocuments& top);

}  // namespace coderank
