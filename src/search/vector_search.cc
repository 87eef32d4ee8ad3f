#include "search/vector_search.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <tuple>

#include "base/try.h"

namespace coderank {
namespace {

struct ScoredText {
  float score;
  int64_t text_id;
};

// Keeps the best `capacity` texts, and every text that ties with the last of them: which of the
// tied ones is shown is decided later, by path.
class BestTexts {
 public:
  explicit BestTexts(size_t capacity) : capacity_(capacity), limit_(2 * capacity + kSlack) {}

  void Add(ScoredText text) {
    if (kept_.size() >= capacity_ && text.score < threshold_) return;
    kept_.push_back(text);
    if (kept_.size() >= limit_) Shrink();
  }

  std::vector<ScoredText> Take() {
    Shrink();
    return std::move(kept_);
  }

 private:
  static constexpr size_t kSlack = 64;  // shrinking rarely makes it cheap

  void Shrink() {
    if (kept_.size() <= capacity_) return;

    const auto last = kept_.begin() + static_cast<ptrdiff_t>(capacity_) - 1;
    std::nth_element(kept_.begin(), last, kept_.end(),
                     [](const auto& a, const auto& b) { return a.score > b.score; });
    threshold_ = last->score;
    std::erase_if(kept_, [this](const ScoredText& text) { return text.score < threshold_; });
    // Twice what is left: many ties, which all stay, must not be sorted again at every addition.
    limit_ = 2 * kept_.size() + kSlack;
  }

  size_t capacity_;
  size_t limit_;  // texts kept before the next shrinking
  float threshold_ = -std::numeric_limits<float>::infinity();
  std::vector<ScoredText> kept_;
};

Result<std::vector<int64_t>> PassingTexts(const IndexStore& store, const ResultFilter& filter) {
  std::vector<int64_t> ids;
  CODERANK_TRY(store.ScanChunks([&](const StoredChunk& chunk) {
    if (filter.Passes(chunk)) ids.push_back(chunk.text_id);
  }));
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

bool Better(const ScoredChunk& a, const ScoredChunk& b) {
  if (a.score != b.score) return a.score > b.score;
  return std::tie(a.chunk.path, a.chunk.start_line) < std::tie(b.chunk.path, b.chunk.start_line);
}

}  // namespace

Result<std::vector<ScoredChunk>> SearchVectors(const IndexStore& store,
                                               const kernels::KernelSet& kernels,
                                               std::span<const float> query,
                                               const ResultFilter& filter, size_t count) {
  std::vector<ScoredChunk> results;
  if (count == 0) return results;
  std::vector<int64_t> passing;
  if (!filter.passes_everything()) {
    CODERANK_ASSIGN(passing, PassingTexts(store, filter));
  }
  BestTexts best(count);
  CODERANK_TRY(store.ScanVectors(query.size(), [&](int64_t text_id, const uint16_t* row) {
    if (!filter.passes_everything() &&
        !std::binary_search(passing.begin(), passing.end(), text_id)) {
      return;
    }
    const float score = kernels.dot_f16(query.data(), row, query.size());
    // A damaged row can hold infinities or NaN, which would break the order.
    if (std::isfinite(score)) best.Add({score, text_id});
  }));
  for (const ScoredText& text : best.Take()) {
    CODERANK_ASSIGN(std::vector<StoredChunk> chunks, store.ChunksOfText(text.text_id));
    for (StoredChunk& chunk : chunks) {
      if (filter.Passes(chunk)) results.push_back({std::move(chunk), text.score});
    }
  }
  std::sort(results.begin(), results.end(), Better);
  if (results.size() > count) results.resize(count);
  return results;
}

}  // namespace coderank
