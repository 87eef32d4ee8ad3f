// CrossEncoder: how well a document answers a query, judged by reading both together.
//
// Two steps, so that a caller with a time budget knows the tokens before it spends time on them.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/thread_pool.h"
#include "coderank/cancellation.h"
#include "coderank/result.h"
#include "kernels/kernel_set.h"
#include "model/encoder_runner.h"
#include "model/model_record.h"
#include "model/pair_head.h"
#include "tokenizer/tokenizer.h"

namespace coderank {

// Thread-safe: calls may overlap.
class CrossEncoder {
 public:
  // `pool` must outlive this. kInvalidArgument if the tokenizer can give ids that the encoder has
  // no vector for, or has no form for pairs.
  static Result<std::unique_ptr<CrossEncoder>> Make(std::unique_ptr<Tokenizer> tokenizer,
                                                    std::unique_ptr<Encoder> encoder, PairHead head,
                                                    ModelRecord record, ThreadPool& pool);

  const ModelRecord& record() const { return record_; }
  // Threads that share the work.
  size_t threads() const { return pool_->size(); }

  // The tokens of the query with each document, in order. A pair longer than the record allows
  // loses the end of its document.
  Result<std::vector<PairEncoding>> Tokenize(std::string_view query,
                                             std::span<const std::string_view> documents,
                                             const CancellationToken* cancel = nullptr) const;

  // A logit for each pair, in order; any real number, higher is better. Its bits do not depend on
  // the other pairs or the number of threads. kCorrupt, naming the model, if one is not finite;
  // kCancelled between batches.
  Result<std::vector<float>> Score(std::span<const PairEncoding> pairs,
                                   const CancellationToken* cancel = nullptr) const;

 private:
  CrossEncoder(std::unique_ptr<Tokenizer> tokenizer, std::unique_ptr<Encoder> encoder,
               PairHead head, ModelRecord record, ThreadPool& pool);

  std::unique_ptr<Tokenizer> tokenizer_;
  EncoderRunner runner_;
  PairHead head_;
  ModelRecord record_;
  ThreadPool* pool_;
};

// Loads a model in the precision of its record. `pool` must outlive the result. File sizes are
// checked, hashes are not (see VerifyModelFiles). An int8 model is packed first where that has not
// been done (OpenPackedModel): beside its record or, where that cannot be written, in
// `pack_folder`.
Result<std::unique_ptr<CrossEncoder>> LoadCrossEncoder(const std::filesystem::path& folder,
                                                       const ModelRecord& record,
                                                       const kernels::KernelSet& kernels,
                                                       ThreadPool& pool,
                                                       const std::filesystem::path& pack_folder);

}  // namespace coderank
