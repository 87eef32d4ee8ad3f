// How a segment is scanned, by what each way costs.
#pragma once

#include <cstddef>

namespace coderank {

enum class ScanMethod {
  kByCost,  // whichever of the two below this file chooses
  kExact,   // the int8 product with every row
  kSigns,   // the distance to every row's signs, then the int8 product with the nearest
};

struct ScanSize {
  size_t rows = 0;      // of the segment
  size_t selected = 0;  // of these, rows that may be returned
  size_t depth = 0;     // bytes of a row
  size_t words = 0;     // of a row's signs
  size_t count = 0;     // results wanted
};

// Rows that a scan of signs passes on to the int8 product.
size_t CandidateCount(size_t count, size_t rows);

// kExact or kSigns.
ScanMethod CheaperScan(const ScanSize& size, size_t threads);

}  // namespace coderank
