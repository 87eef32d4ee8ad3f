// What this machine can do at most: the roof that an encoder's speed is measured against.
//
// Peaks come from loops that do nothing else, on as many threads at once as are asked for. They
// are bounds, not what a product can reach.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace coderank::bench {

struct Rate {
  std::string name;   // "int8/avx512vnni", "f32/avx2", "read", ...
  double per_second;  // operations (a multiplication and an addition are two) or bytes
};

// The int8 dot products of every instruction set that this CPU has, operands in registers.
std::vector<Rate> Int8Peaks(size_t threads);

// The f32 products of every built-in kernel set but the scalar one, operands in the first level.
std::vector<Rate> F32GemmPeaks(size_t threads);

// The int8 products of every kernel set but the scalar one, on a linear layer of 1024 tokens: what
// the kernels make of the peaks.
std::vector<Rate> Int8GemmRates(size_t threads);

// Reading memory from end to end, of a buffer that no cache holds.
Rate ReadRate(size_t threads, size_t cache_bytes);

// The size of the last-level cache that the first core uses; 32 MiB where the system does not say.
size_t LastLevelCacheBytes();

// Reads and writes a buffer of four times the last-level cache, so that nothing else is left there.
class CacheEvictor {
 public:
  CacheEvictor() : buffer_(4 * LastLevelCacheBytes() / sizeof(size_t)) {}
  void Evict();
  size_t bytes() const { return buffer_.size() * sizeof(size_t); }

 private:
  std::vector<size_t> buffer_;
};

}  // namespace coderank::bench
