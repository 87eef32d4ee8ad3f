// EncoderRunner: runs an encoder over many sequences; batching, threads, working memory.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/function_ref.h"
#include "base/thread_pool.h"
#include "coderank/cancellation.h"
#include "coderank/status.h"
#include "model/encoder.h"
#include "nn/workspace.h"

namespace coderank {

// Thread-safe: calls may overlap; each takes its own workspace.
class EncoderRunner {
 public:
  // `pool` must outlive this.
  EncoderRunner(std::shared_ptr<const Encoder> encoder, std::string model_name, ThreadPool& pool)
      : encoder_(std::move(encoder)), model_name_(std::move(model_name)), pool_(&pool) {}

  const Encoder& encoder() const { return *encoder_; }
  std::shared_ptr<const Encoder> shared_encoder() const { return encoder_; }
  const std::string& model_name() const { return model_name_; }

  // What is made of the hidden states of sequence `index`, [tokens, hidden_size]; one token where
  // the first is wanted only. Called on any thread, several at once.
  using Take = FunctionRef<void(size_t index, const float* states, size_t tokens)>;

  // Calls `take` once for every sequence. The bits of its states do not depend on the other
  // sequences, their order or the number of threads. kInvalidArgument for an empty sequence, one of
  // more than the model's positions, or an id outside the vocabulary; kCancelled between batches.
  Status Run(std::span<const TokenSequence> sequences, States wanted, Take take,
             const CancellationToken* cancel) const;

 private:
  class Lease;

  Status Check(std::span<const TokenSequence> sequences) const;

  std::shared_ptr<const Encoder> encoder_;
  std::string model_name_;
  ThreadPool* pool_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<nn::Workspace>> idle_;  // guarded by mutex_
};

}  // namespace coderank
