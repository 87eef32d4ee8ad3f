#include "rerank/listwise_windows.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace coderank {
namespace {

// Of a passage's number and line end: "[", "7", "] ", "\n".
constexpr size_t kLabelTokens = 5;

}  // namespace

std::vector<Window> BackToFront(size_t documents) {
  std::vector<Window> windows;
  for (size_t end = documents; end > 0; end -= kListwiseStep) {
    const size_t begin = end - std::min(end, kListwiseWindow);
    windows.push_back({.begin = begin, .end = end});
    if (begin == 0) break;
  }
  return windows;
}

ListwiseWork WorkOfWindow(std::span<const size_t> tokens, size_t overhead) {
  const size_t passages = std::accumulate(tokens.begin(), tokens.end(), size_t{0});
  return {.tokens = overhead + passages + kLabelTokens * tokens.size(), .steps = tokens.size()};
}

ListwiseWork WorkOfList(std::span<const size_t> tokens, size_t overhead) {
  ListwiseWork work;
  for (const Window& window : BackToFront(tokens.size())) {
    const ListwiseWork one =
        WorkOfWindow(tokens.subspan(window.begin, window.end - window.begin), overhead);
    work.tokens += one.tokens;
    work.steps += one.steps;
  }
  return work;
}

double ListwiseRates::SecondsFor(const ListwiseWork& work) const {
  if (!known()) return std::numeric_limits<double>::infinity();
  return static_cast<double>(work.tokens) / tokens_per_second +
         static_cast<double>(work.steps) / steps_per_second;
}

size_t AffordableDocuments(std::span<const size_t> tokens, size_t overhead,
                           const ListwiseRates& rates, double seconds) {
  for (size_t count = tokens.size(); count > 1; --count) {
    if (rates.SecondsFor(WorkOfList(tokens.first(count), overhead)) <= seconds) return count;
  }
  return 0;
}

}  // namespace coderank
