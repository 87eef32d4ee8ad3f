// Exact search: the cosine of the query with every stored vector.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "coderank/result.h"
#include "kernels/kernel_set.h"
#include "search/result_filter.h"
#include "store/index_store.h"

namespace coderank {

struct ScoredChunk {
  StoredChunk chunk;
  float score = 0;  // cosine, as `query` and the stored rows have unit length
};

// The `count` best chunks that pass the filter, best first; equal scores by path, then start
// line. `query` is [dimension] f32. Memory grows with `count`, and with a filter also by 8 bytes a
// chunk that passes, not with the vectors.
Result<std::vector<ScoredChunk>> SearchVectors(const IndexStore& store,
                                               const kernels::KernelSet& kernels,
                                               std::span<const float> query,
                                               const ResultFilter& filter, size_t count);

}  // namespace coderank
