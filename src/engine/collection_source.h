// The vectors of an index in a collection of a Qdrant server, for searches.
//
// The collection is derived from the index and may be behind it: what it has and the index has no
// more is passed over.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kernels/kernel_set.h"
#include "qdrant/client.h"
#include "search/dense_source.h"
#include "store/index_store.h"

namespace coderank {

struct CollectionAccess {
  Result<qdrant::Client*> client;  // or why the server may not be asked
  std::string collection;
  bool exact = false;  // compare with every vector
};

// Borrows what it is given.
class CollectionSource final : public DenseSource {
 public:
  CollectionSource(const IndexStore& store, const kernels::KernelSet& kernels,
                   CollectionAccess access, std::vector<float> mean)
      : store_(store), kernels_(kernels), access_(std::move(access)), mean_(std::move(mean)) {}

  // Every failure of the server is kUnavailable.
  Result<std::vector<int64_t>> BestTexts(const DenseRequest& request) override;
  float MeanScore(std::span<const float> query) const override;

 private:
  Result<std::vector<int64_t>> Ask(const DenseRequest& request);
  // Different texts of the index, of `passing` (ascending) where that is not null.
  Result<std::vector<int64_t>> TextsOfReply(const qdrant::SearchReply& reply,
                                            const std::vector<int64_t>* passing) const;

  const IndexStore& store_;
  const kernels::KernelSet& kernels_;
  CollectionAccess access_;
  std::vector<float> mean_;  // [dimension]
};

}  // namespace coderank
