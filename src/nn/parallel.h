// Cuts one operation's work for the threads of a pool.
//
// Every cut here is along rows, columns or heads whose results do not depend on each other, so the
// bits of a result never depend on the number of threads.
#pragma once

#include <algorithm>
#include <cstddef>

#include "base/function_ref.h"
#include "base/thread_pool.h"
#include "nn/projection.h"

namespace coderank::nn {

// Multiply-adds below which handing work to a thread costs more than it saves: 5 us of f32 at 50
// billion a second, where the pool needs one to hand it over.
inline constexpr size_t kWorkWorthAThread = size_t{1} << 18;

// How many threads `work` multiply-adds are worth; `pool` may be null (serial).
inline size_t ThreadsFor(const ThreadPool* pool, size_t work) {
  if (pool == nullptr) return 1;
  return std::clamp<size_t>(work / kWorkWorthAThread, 1, pool->size());
}

// Two pieces a thread: a thread that the system interrupts delays half a share only.
inline size_t ChunksFor(const ThreadPool* pool, size_t work) {
  const size_t threads = ThreadsFor(pool, work);
  return threads == 1 ? 1 : 2 * threads;
}

// Calls body(chunk, begin, end) for `chunks` even pieces of [0, count), in parallel.
inline void ForChunks(ThreadPool* pool, size_t count, size_t chunks,
                      FunctionRef<void(size_t, size_t, size_t)> body) {
  chunks = std::clamp<size_t>(chunks, 1, std::max<size_t>(count, 1));
  const auto run = [&](size_t chunk) {
    body(chunk, count * chunk / chunks, count * (chunk + 1) / chunks);
  };
  if (chunks == 1) return run(0);
  pool->ParallelFor(chunks, run);
}

// On the columns [begin, end) of y[rows, width]; null does nothing.
inline void ApplyToColumns(Activation activation, float* y, size_t rows, size_t width, size_t begin,
                           size_t end) {
  if (activation == nullptr || begin >= end) return;
  for (size_t row = 0; row < rows; ++row) activation(y + row * width + begin, end - begin);
}

}  // namespace coderank::nn
