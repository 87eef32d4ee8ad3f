// Causal attention of new positions over a KvCache, with fewer heads of keys and values than of
// queries (grouped-query attention).
#pragma once

#include <cstddef>
#include <vector>

#include "base/thread_pool.h"
#include "kernels/kernel_set.h"
#include "nn/buffer.h"
#include "nn/kv_cache.h"

namespace coderank::nn {

// One piece of work's memory.
struct CausalScratch {
  FloatBuffer queries;  // [queries, head_size] of one head of keys
  FloatBuffer scores;   // [queries, positions]
  FloatBuffer context;  // [queries, head_size]
};

struct CausalQueries {
  const float* queries;  // row r: [heads, head_size], of position cache.length() + r
  size_t stride;         // between rows
  size_t rows;
  size_t heads;  // a multiple of the cache's
};

// context[rows, heads * head_size] = softmax(q k^T / sqrt(head_size)) v over the positions up to
// each row's own, whose keys and values are written in the cache. A row's result does not depend on
// the rows beside it. `scratch` grows to one per piece of work.
void CausalAttention(const kernels::KernelSet& kernels, ThreadPool* pool, const KvCache& cache,
                     size_t layer, const CausalQueries& queries,
                     std::vector<CausalScratch>& scratch, float* context);

}  // namespace coderank::nn
