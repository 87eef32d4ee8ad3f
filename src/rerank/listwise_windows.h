// A list longer than a model can rank at once is ranked in windows that overlap, from its end to
// its front, so that what is good at the back can come to the top window by window.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace coderank {

// The published setting of CodeRankLLM.
inline constexpr size_t kListwiseWindow = 10;
inline constexpr size_t kListwiseStep = 5;

struct Window {
  size_t begin;
  size_t end;

  bool operator==(const Window&) const = default;
};

// The windows over a list, in their order. The reference goes on with short ones after it has
// reached the front, which order again what was ordered last; here that is the end.
std::vector<Window> BackToFront(size_t documents);

// What ranking the first documents of a list takes.
struct ListwiseWork {
  size_t tokens = 0;  // of all prompts
  size_t steps = 0;   // forward passes of a few tokens each, at most

  // Not below nothing: plans are estimates.
  ListwiseWork operator-(const ListwiseWork& other) const {
    return {.tokens = tokens - std::min(tokens, other.tokens),
            .steps = steps - std::min(steps, other.steps)};
  }
};

// `tokens` of each document and `overhead` of the instructions. A window's documents are counted as
// they stand before any was ranked.
ListwiseWork WorkOfWindow(std::span<const size_t> tokens, size_t overhead);
ListwiseWork WorkOfList(std::span<const size_t> tokens, size_t overhead);

// Measured in this process; 0: not known yet.
struct ListwiseRates {
  double tokens_per_second = 0;  // of prompts
  double steps_per_second = 0;

  bool known() const { return tokens_per_second > 0 && steps_per_second > 0; }
  // Infinity where a rate is not known.
  double SecondsFor(const ListwiseWork& work) const;
};

// How many documents, from the front, can be ranked in `seconds`: none where that is fewer than
// two.
size_t AffordableDocuments(std::span<const size_t> tokens, size_t overhead,
                           const ListwiseRates& rates, double seconds);

}  // namespace coderank
