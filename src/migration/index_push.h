// An index's chunks and vectors in a collection, for searches by several machines and by other
// programs: the payload has the keys that Roo Code reads, and ours.
//
// A point's id is made of the index, the chunk's place and its text, so the same id is the same
// point: a push writes what is missing, removes what is gone, and a killed one is continued by the
// next.
#pragma once

#include <cstdint>
#include <string>

#include "coderank/cancellation.h"
#include "coderank/result.h"
#include "kernels/kernel_set.h"
#include "qdrant/client.h"
#include "store/index_store.h"

namespace coderank {

// Payload key of the texts.
inline constexpr std::string_view kPushedTextKey = "codeChunk";

struct PushCounts {
  uint64_t points = 0;   // that the collection has now
  uint64_t pending = 0;  // chunks without a vector: they come with a later push
  uint64_t written = 0;
  uint64_t removed = 0;
};

// kFailedPrecondition where the collection was made by others, or of another index or model.
Result<PushCounts> PushIndex(const IndexStore& store, const kernels::KernelSet& kernels,
                             qdrant::Client& client, const std::string& collection,
                             const CancellationToken* cancel);

}  // namespace coderank
