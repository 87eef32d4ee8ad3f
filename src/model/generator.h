// Generator: one text that grows token by token, with what a decoder remembers of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/thread_pool.h"
#include "coderank/cancellation.h"
#include "coderank/result.h"
#include "model/decoder.h"

namespace coderank {

// Not thread-safe; several generators may share a decoder and a pool.
//
//   Generator text(decoder, pool, 8192);
//   CODERANK_TRY(text.Prefill(prompt));                       // remembers, gives nothing
//   CODERANK_ASSIGN(auto logits, text.Forward({&last, 1}));   // of what follows `last`
//   CODERANK_TRY(text.Rewind(shared));                        // keep the first `shared` tokens
class Generator {
 public:
  // `pool` must outlive this. `capacity`: tokens at most, limited by the decoder's positions.
  Generator(std::shared_ptr<const Decoder> decoder, ThreadPool& pool, size_t capacity);

  const Decoder& decoder() const { return *decoder_; }
  size_t capacity() const { return capacity_; }
  // The tokens so far.
  const std::vector<int32_t>& tokens() const { return tokens_; }

  // Appends tokens. kInvalidArgument for ids outside the vocabulary, kResourceExhausted for more
  // than the capacity, both with nothing appended; kCancelled, with some appended.
  Status Prefill(std::span<const int32_t> ids, const CancellationToken* cancel = nullptr);

  // The same; gives the logits [last, vocabulary_size] of the tokens that follow the last `last` of
  // `ids`, until the next call. kCorrupt if they are not finite. Preconditions: 1 <= last <=
  // ids.size(), and the decoder has a head.
  Result<std::span<const float>> Forward(std::span<const int32_t> ids, size_t last = 1,
                                         const CancellationToken* cancel = nullptr);

  // The same; gives the final hidden state [hidden_size] of the last token, until the next call.
  Result<std::span<const float>> ForwardState(std::span<const int32_t> ids,
                                              const CancellationToken* cancel = nullptr);

  // Forgets the tokens from `length` on. kInvalidArgument beyond the text.
  Status Rewind(size_t length);

  // Forgets what differs from `ids`, and the last token if that were nothing, so that there is one
  // left to run; gives how many tokens are kept: the rest of `ids` has to be appended.
  size_t RewindToPrefixOf(std::span<const int32_t> ids);

 private:
  Status Check(std::span<const int32_t> ids) const;
  // Appends all tokens; the states of the last `keep` go to states_.
  Status Append(std::span<const int32_t> ids, size_t keep, const CancellationToken* cancel);

  std::shared_ptr<const Decoder> decoder_;
  ThreadPool* pool_;
  size_t capacity_;
  nn::KvCache cache_;
  nn::DecoderWorkspace workspace_;
  std::vector<int32_t> tokens_;
  std::vector<float> states_;
  std::vector<float> logits_;
};

}  // namespace coderank
