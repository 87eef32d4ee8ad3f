// SentenceEncoder: token ids to sentence vectors; batching, threads, pooling, normalisation.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "coderank/cancellation.h"
#include "coderank/result.h"
#include "kernels/kernel_set.h"
#include "model/encoder.h"
#include "model/model_record.h"
#include "nn/workspace.h"

namespace coderank {

struct EmbedOptions {
  // Unit length, which is what search compares, whether or not the model's own modules normalise;
  // false: the pooled vectors as they are.
  bool normalize = true;
};

// Thread-safe: calls may overlap; each takes its own workspace.
class SentenceEncoder {
 public:
  // `pool` must outlive this.
  SentenceEncoder(std::unique_ptr<Encoder> encoder, const ModelRecord& record,
                  const kernels::KernelSet& kernels, ThreadPool& pool);

  size_t dimension() const { return encoder_->hidden_size(); }
  size_t vocabulary_size() const { return encoder_->vocabulary_size(); }

  // One vector per sequence, in order; the bits do not depend on the other sequences, their order
  // or the number of threads. kInvalidArgument for an empty sequence, one of more than the model's
  // positions, or an id outside the vocabulary; kCorrupt, naming the model, if a result is not
  // finite; kCancelled.
  Result<std::vector<std::vector<float>>> Encode(
      std::span<const std::span<const int32_t>> sequences, EmbedOptions options = {},
      const CancellationToken* cancel = nullptr) const;

 private:
  class Lease;

  Status Check(std::span<const std::span<const int32_t>> sequences) const;
  Status Run(std::span<const std::span<const int32_t>> sequences, EmbedOptions options,
             const CancellationToken* cancel, std::vector<std::vector<float>>& vectors) const;

  std::unique_ptr<Encoder> encoder_;
  std::string model_name_;
  Pooling pooling_;
  const kernels::KernelSet* kernels_;
  ThreadPool* pool_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<nn::Workspace>> idle_;  // guarded by mutex_
};

}  // namespace coderank
