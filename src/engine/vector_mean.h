// The mean of an index's vectors. Files of vectors keep their own; for an index whose vectors lie
// in a collection it stands in the meta table.
#pragma once

#include <cstdint>
#include <vector>

#include "coderank/result.h"
#include "kernels/kernel_set.h"
#include "store/index_store.h"

namespace coderank {

// As it is kept, else computed from all rows. Empty while there are none.
Result<std::vector<float>> VectorMean(const IndexStore& store, const kernels::KernelSet& kernels);
// After `changes` of the now `vectors` came or went: computes it again, unless that takes long and
// so little has changed since the last time that it cannot matter.
Status KeepVectorMean(IndexStore& store, const kernels::KernelSet& kernels, uint64_t vectors,
                      uint64_t changes);

}  // namespace coderank
