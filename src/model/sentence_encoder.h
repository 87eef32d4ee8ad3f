// SentenceEncoder: token ids to sentence vectors; pooling and normalisation.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "coderank/cancellation.h"
#include "coderank/result.h"
#include "embed/embedder.h"
#include "kernels/kernel_set.h"
#include "model/encoder.h"
#include "model/encoder_runner.h"
#include "model/model_record.h"

namespace coderank {

// Thread-safe: calls may overlap.
class SentenceEncoder {
 public:
  // `pool` must outlive this.
  SentenceEncoder(std::shared_ptr<const Encoder> encoder, const ModelRecord& record,
                  const kernels::KernelSet& kernels, ThreadPool& pool);

  // The same weights, computed with on other threads.
  std::unique_ptr<SentenceEncoder> OnPool(ThreadPool& pool) const;

  size_t dimension() const { return runner_.encoder().hidden_size(); }
  size_t vocabulary_size() const { return runner_.encoder().vocabulary_size(); }

  // One vector per sequence, in order; the bits do not depend on the other sequences, their order
  // or the number of threads. kInvalidArgument for an empty sequence, one of more than the model's
  // positions, or an id outside the vocabulary; kCorrupt, naming the model, if a result is not
  // finite; kCancelled.
  Result<std::vector<std::vector<float>>> Encode(
      std::span<const std::span<const int32_t>> sequences, EmbedOptions options = {},
      const CancellationToken* cancel = nullptr) const;

 private:
  SentenceEncoder(std::shared_ptr<const Encoder> encoder, std::string model_name, Pooling pooling,
                  const kernels::KernelSet& kernels, ThreadPool& pool);

  EncoderRunner runner_;
  Pooling pooling_;
  const kernels::KernelSet* kernels_;
};

}  // namespace coderank
