#include "base/nearest_name.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace coderank {
namespace {

constexpr size_t kLongestName = 64;  // a longer text is no slip of a name
constexpr size_t kMostEdits = 3;
constexpr size_t kCharactersPerEdit = 3;

// The restricted Damerau-Levenshtein distance: three rows of its table are enough, as an exchange
// of neighbours looks two rows back.
size_t Edits(std::string_view a, std::string_view b) {
  std::vector<size_t> before_last(b.size() + 1);
  std::vector<size_t> last(b.size() + 1);
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    before_last.swap(last);
    last.swap(row);
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
      const bool exchanged = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (exchanged) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

std::string_view NearestName(std::string_view word, std::span<const std::string_view> candidates) {
  if (word.size() > kLongestName) return {};
  std::string_view nearest;
  size_t fewest = kMostEdits + 1;
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > kLongestName) continue;
    const size_t edits = Edits(word, candidate);
    const size_t longer = std::max(word.size(), candidate.size());
    if (edits * kCharactersPerEdit > longer || edits >= fewest) continue;
    fewest = edits;
    nearest = candidate;
  }
  return nearest;
}

}  // namespace coderank
