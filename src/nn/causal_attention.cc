#include "nn/causal_attention.h"

#include <algorithm>
#include <cmath>

#include "nn/parallel.h"

namespace coderank::nn {
namespace {

// Queries that meet the keys together: the rows of a block of positions for every head of the
// group. 72 is a multiple of every kernel's tile, as for the encoders.
constexpr size_t kQueriesAtOnce = 72;

// A block of consecutive rows and one head of keys.
struct Block {
  size_t first;  // row
  size_t rows;
  size_t head;
};

class Attention {
 public:
  Attention(const kernels::KernelSet& kernels, const KvCache& cache, size_t layer,
            const CausalQueries& queries, float* context)
      : kernels_(kernels), cache_(cache), layer_(layer), queries_(queries), context_(context) {}

  size_t group() const { return queries_.heads / cache_.shape().heads; }

  void Run(const Block& block, CausalScratch& scratch) const {
    const size_t size = cache_.shape().head_size;
    const size_t count = block.rows * group();
    const size_t visible = cache_.length() + block.first + block.rows;
    float* queries = scratch.queries.Reserve(count * size);
    float* scores = scratch.scores.Reserve(count * visible);
    float* context = scratch.context.Reserve(count * size);
    Gather(block, queries);
    kernels_.gemm(queries, size, cache_.keys(layer_, block.head), nullptr, scores, visible, count,
                  visible, size);
    const float scale = 1.0F / std::sqrt(static_cast<float>(size));
    for (size_t i = 0; i < count; ++i) {
      const size_t length = cache_.length() + block.first + i / group() + 1;
      float* row = scores + i * visible;
      kernels_.softmax(row, length, scale);
      std::fill(row + length, row + visible, 0.0F);  // later positions add nothing
    }
    const size_t width = cache_.width();
    for (size_t column = 0; column < size; column += width) {
      const float* panel =
          cache_.values(layer_, block.head) + column / width * cache_.value_panel_floats();
      kernels_.gemm(scores, visible, panel, nullptr, context + column, size, count,
                    std::min(width, size - column), visible);
    }
    Scatter(block, context);
  }

 private:
  size_t Column(const Block& block) const {
    return block.head * group() * cache_.shape().head_size;
  }

  // The group's heads are next to each other in a row.
  void Gather(const Block& block, float* queries) const {
    const size_t width = group() * cache_.shape().head_size;
    for (size_t row = 0; row < block.rows; ++row) {
      const float* from = queries_.queries + (block.first + row) * queries_.stride + Column(block);
      std::copy_n(from, width, queries + row * width);
    }
  }
  void Scatter(const Block& block, const float* context) const {
    const size_t width = group() * cache_.shape().head_size;
    const size_t stride = queries_.heads * cache_.shape().head_size;
    for (size_t row = 0; row < block.rows; ++row) {
      std::copy_n(context + row * width, width,
                  context_ + (block.first + row) * stride + Column(block));
    }
  }

  const kernels::KernelSet& kernels_;
  const KvCache& cache_;
  size_t layer_;
  const CausalQueries& queries_;
  float* context_;
};

}  // namespace

void CausalAttention(const kernels::KernelSet& kernels, ThreadPool* pool, const KvCache& cache,
                     size_t layer, const CausalQueries& queries,
                     std::vector<CausalScratch>& scratch, float* context) {
  const Attention attention(kernels, cache, layer, queries, context);
  const size_t heads = cache.shape().heads;
  const size_t rows_at_once = std::max<size_t>(kQueriesAtOnce / attention.group(), 1);
  const size_t blocks = (queries.rows + rows_at_once - 1) / rows_at_once;
  const size_t visible = cache.length() + queries.rows;
  const size_t chunks =
      ChunksFor(pool, 2 * queries.rows * queries.heads * cache.shape().head_size * visible);
  if (scratch.size() < chunks) scratch.resize(chunks);
  // Heads before blocks: the blocks of a text differ in their work, its heads do not.
  ForChunks(pool, blocks * heads, chunks, [&](size_t chunk, size_t begin, size_t end) {
    for (size_t unit = begin; unit < end; ++unit) {
      const size_t first = unit % blocks * rows_at_once;
      attention.Run({.first = first,
                     .rows = std::min(rows_at_once, queries.rows - first),
                     .head = unit / blocks},
                    scratch[chunk]);
    }
  });
}

}  // namespace coderank::nn
