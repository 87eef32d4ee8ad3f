#include "vectors/scan_cost.h"

#include <algorithm>
#include <cmath>

namespace coderank {
namespace {

// Both scans wait for memory, so their costs are bytes. Only the ratios matter for the choice, but
// for kExactSeconds.

// A candidate is read from a random place: as long as reading so many bytes in a row.
constexpr double kRandomRowBytes = 2048;
// What one core reads in a row from memory, on the slow side of what servers and laptops do.
constexpr double kBytesPerSecond = 8e9;
// Cores beyond these share the memory's rate.
constexpr size_t kMostThreads = 4;
// The exact scan has no loss at all, so it is taken wherever it is quick: an eighth of what a user
// perceives as a delay.
constexpr double kExactSeconds = 2e-3;

}  // namespace

// Measured on MiniLM's vectors of real code, the candidates that hold 99 % of the ten best: about
// 120 among 8.7k rows and 190 among 20k; 99.9 %: 400 and 580. They grow with the root of the rows.
// For 99 % of the hundred best it takes 13 times as many as are wanted.
size_t CandidateCount(size_t count, size_t rows) {
  const double root = std::sqrt(static_cast<double>(rows));
  return count * 20 + static_cast<size_t>(2 * root);
}

ScanMethod CheaperScan(const ScanSize& size, size_t threads) {
  const double exact = static_cast<double>(size.selected) * static_cast<double>(size.depth);
  const double rate = kBytesPerSecond * static_cast<double>(std::min(threads, kMostThreads));
  if (exact <= kExactSeconds * rate) return ScanMethod::kExact;
  const auto candidates = static_cast<double>(CandidateCount(size.count, size.rows));
  const double signs = static_cast<double>(size.rows) * static_cast<double>(size.words) * 8 +
                       candidates * (kRandomRowBytes + static_cast<double>(size.depth));
  return signs < exact ? ScanMethod::kSigns : ScanMethod::kExact;
}

}  // namespace coderank
