// Takes a batch through several layers a block of rows at a time, so that a block's intermediate
// results (108 rows x 3072 f32: 1.3 MB) stay in a core's own cache instead of passing through
// memory, and so that threads meet once per group of layers instead of once per layer.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "base/function_ref.h"
#include "base/thread_pool.h"
#include "nn/parallel.h"
#include "nn/projection.h"

namespace coderank::nn {

// Rows of one block at most: 18 tiles of 6 rows, 15 of 7. The weights pass through
// the cache once a block: 7 MB of a 768 x 3072 layer for 108 rows are 1 byte a cycle and core.
inline constexpr size_t kBlockRows = 108;
// With fewer rows a thread, the threads share the columns of each product instead: every one would
// read all weights for little work.
inline constexpr size_t kRowsWorthAThread = 32;

struct BlockScratch {
  FloatBuffer projected;     // [rows, hidden]
  FloatBuffer intermediate;  // [rows, intermediate]
  ProjectionScratch projection;
};

struct RowBlock {
  size_t begin;      // first row
  size_t rows;       // how many
  ThreadPool* pool;  // for the products inside; null where each thread has blocks of its own
  BlockScratch& scratch;
};

// Calls body for blocks that cover [0, rows). `scratch` grows to one per thread used.
inline void ForRowBlocks(ThreadPool* pool, size_t rows, std::vector<BlockScratch>& scratch,
                         FunctionRef<void(const RowBlock&)> body) {
  const size_t threads = pool == nullptr ? 1 : pool->size();
  const size_t parts = rows >= threads * kRowsWorthAThread ? threads : 1;
  if (scratch.size() < parts) scratch.resize(parts);
  ForChunks(pool, rows, parts, [&](size_t part, size_t begin, size_t end) {
    const size_t count = end - begin;
    const size_t blocks = (count + kBlockRows - 1) / kBlockRows;
    for (size_t block = 0; block < blocks; ++block) {  // even ones
      const size_t first = count * block / blocks;
      body({.begin = begin + first,
            .rows = count * (block + 1) / blocks - first,
            .pool = parts == 1 ? pool : nullptr,
            .scratch = scratch[part]});
    }
  });
}

}  // namespace coderank::nn
