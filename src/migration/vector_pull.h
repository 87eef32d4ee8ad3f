// Vectors of a collection back into the embedding cache, known by their texts.
//
// A cosine collection gives each vector length 1 before it keeps it. Rows of half precision miss
// length 1 by little, since the roundings of their numbers even out: by less than 2^-12, nearly
// always, which is less than half a step of any of those numbers. So rounding to half precision
// gives the numbers that were pushed, bit for bit; where it does not, they differ by one step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "coderank/cancellation.h"
#include "coderank/result.h"
#include "kernels/kernel_set.h"
#include "qdrant/client.h"
#include "store/embedding_cache.h"

namespace coderank {

struct PullSource {
  std::string collection;
  std::string text_key;
  std::string vector_name;  // "": the unnamed one
  size_t dimension = 0;
  std::string fingerprint;  // of the model that made the vectors
};

struct PullCounts {
  uint64_t points = 0;
  uint64_t vectors = 0;  // distinct texts
};

// kCorrupt where a point has a text and no vector of that many numbers and of length 1.
Result<PullCounts> PullVectors(qdrant::Client& client, const PullSource& source,
                               const kernels::KernelSet& kernels, EmbeddingCache& cache,
                               const CancellationToken* cancel);

}  // namespace coderank
