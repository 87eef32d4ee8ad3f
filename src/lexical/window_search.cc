#include "lexical/window_search.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace coderank {
namespace {

constexpr uint32_t kWindow =
    4096;  // documents; their sums take 16 KiB, half of a first-level cache

bool Better(const ScoredDocument& left, const ScoredDocument& right) {
  if (left.score != right.score) return left.score > right.score;
  return left.document < right.document;
}

class WindowSearch {
 public:
  WindowSearch(std::span<WeightedList> lists, const DocumentSet& among, uint32_t first_document,
               FunctionRef<bool(ScoredDocument)> accept, TopDocuments& top)
      : lists_(lists),
        among_(among),
        first_document_(first_document),
        accept_(accept),
        top_(top),
        bounds_(lists.size()),
        order_(lists.size()),
        sums_(kWindow) {
    std::iota(order_.begin(), order_.end(), size_t{0});
  }

  void Run(uint32_t document_count) {
    for (uint64_t begin = 0; begin < document_count; begin += kWindow) {
      begin_ = static_cast<uint32_t>(begin);
      end_ = static_cast<uint32_t>(std::min<uint64_t>(begin + kWindow, document_count));
      if (among_.Intersects(first_document_ + begin_, first_document_ + end_)) SearchWindow();
    }
  }

 private:
  void SearchWindow() {
    BoundLists();
    // The lists order_[0] to order_[optional - 1] together cannot lift a document over the
    // threshold.
    size_t optional = 0;
    uint32_t optional_bound = 0;
    while (optional < order_.size() &&
           optional_bound + bounds_[order_[optional]] <= top_.threshold()) {
      optional_bound += bounds_[order_[optional++]];
    }
    if (optional == order_.size()) return;
    AddUp(optional);
    CollectCandidates(optional_bound);
    while (optional > 0 && !candidates_.empty()) {
      optional_bound -= bounds_[order_[--optional]];
      LookUp(lists_[order_[optional]], optional_bound);
    }
    for (const ScoredDocument& candidate : candidates_) {
      const ScoredDocument found{first_document_ + candidate.document, candidate.score};
      if (found.score > top_.threshold() && accept_(found)) top_.Offer(found);
    }
  }

  void BoundLists() {
    for (size_t i = 0; i < lists_.size(); ++i) {
      bounds_[i] = lists_[i].postings.MaximumImpact(begin_, end_) * lists_[i].weight;
    }
    std::sort(order_.begin(), order_.end(),
              [this](size_t left, size_t right) { return bounds_[left] < bounds_[right]; });
  }

  void AddUp(size_t first) {
    for (size_t i = first; i < order_.size(); ++i) {
      WeightedList& list = lists_[order_[i]];
      if (!list.postings.Seek(begin_)) continue;
      uint32_t* sums = sums_.data();
      const uint32_t begin = begin_;
      const uint32_t weight = list.weight;
      list.postings.VisitUntil(end_, [=](uint32_t document, uint8_t impact) {
        sums[document - begin] += weight * impact;
      });
    }
  }

  // Documents that can get over the threshold with what is still to be added; empties the sums.
  void CollectCandidates(uint32_t still_to_add) {
    candidates_.clear();
    const uint32_t threshold = top_.threshold();
    const uint32_t needed = threshold > still_to_add ? threshold - still_to_add : 0;
    constexpr uint32_t kStep = 16;  // sums that are compared at once
    static_assert(kWindow % kStep == 0);
    for (uint32_t start = 0; start < end_ - begin_; start += kStep) {
      uint32_t any = 0;
      for (uint32_t i = 0; i < kStep; ++i) any |= sums_[start + i] > needed ? 1U : 0U;
      if (any == 0) continue;
      for (uint32_t i = start; i < std::min(start + kStep, end_ - begin_); ++i) {
        const uint32_t document = begin_ + i;
        if (sums_[i] > needed && among_.Contains(first_document_ + document)) {
          candidates_.push_back({document, sums_[i]});
        }
      }
    }
    std::fill(sums_.begin(), sums_.end(), 0U);
  }

  // Adds a list to the candidates, and drops those that cannot get in any more.
  void LookUp(WeightedList& list, uint32_t still_to_add) {
    size_t kept = 0;
    for (ScoredDocument candidate : candidates_) {
      if (list.postings.Seek(candidate.document) &&
          list.postings.document() == candidate.document) {
        candidate.score += list.weight * list.postings.impact();
      }
      if (candidate.score + still_to_add > top_.threshold()) candidates_[kept++] = candidate;
    }
    candidates_.resize(kept);
  }

  std::span<WeightedList> lists_;
  const DocumentSet& among_;
  uint32_t first_document_;
  FunctionRef<bool(ScoredDocument)> accept_;
  TopDocuments& top_;
  uint32_t begin_ = 0;  // of the window
  uint32_t end_ = 0;
  std::vector<uint32_t> bounds_;  // [lists] largest weight x impact in the window
  std::vector<size_t> order_;     // lists by ascending bound
  std::vector<uint32_t> sums_;    // [kWindow] by document - begin_
  std::vector<ScoredDocument> candidates_;
};

}  // namespace

void TopDocuments::Offer(ScoredDocument document) {
  if (document.score <= threshold_ || capacity_ == 0) return;
  if (heap_.size() == capacity_) {
    std::pop_heap(heap_.begin(), heap_.end(), Better);
    heap_.pop_back();
  }
  heap_.push_back(document);
  std::push_heap(heap_.begin(), heap_.end(), Better);
  if (heap_.size() == capacity_) threshold_ = heap_.front().score;
}

std::vector<ScoredDocument> TopDocuments::Take() {
  std::sort(heap_.begin(), heap_.end(), Better);
  threshold_ = 0;
  return std::exchange(heap_, {});
}

void SearchWindows(std::span<WeightedList> lists, uint32_t document_count, uint32_t first_document,
                   const DocumentSet& among, FunctionRef<bool(ScoredDocument)> accept,
                   TopDocuments& top) {
  if (lists.empty()) return;
  WindowSearch(lists, among, first_document, accept, top).Run(document_count);
}

}  // namespace coderank
