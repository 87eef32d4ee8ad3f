// One query against one segment: the best rows by int8 score.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/thread_pool.h"
#include "kernels/kernel_set.h"
#include "vectors/best_keys.h"
#include "vectors/row_set.h"
#include "vectors/scan_cost.h"
#include "vectors/vector_segment.h"

namespace coderank {

struct ScoredRow {
  uint32_t row = 0;
  float score = 0;
};

struct ScanResources {
  const kernels::KernelSet& kernels;
  ThreadPool& pool;
};

// The `count` best of the rows in `selected`, best first, ties by row; `query` is rotated as the
// rows are. Rows whose score is not finite (a damaged file) are left out. The result does not
// depend on the number of threads; with kSigns it may miss some of the best. Memory grows with
// `count` and threads only.
std::vector<ScoredRow> ScanSegment(const VectorSegment& segment, std::span<const float> query,
                                   size_t count, const RowSet& selected, ScanMethod method,
                                   const ScanResources& resources);

}  // namespace coderank
