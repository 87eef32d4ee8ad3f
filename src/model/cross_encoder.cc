#include "model/cross_encoder.h"

#include <atomic>
#include <cmath>
#include <new>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "model/encoder_fit.h"

namespace coderank {

CrossEncoder::CrossEncoder(std::unique_ptr<Tokenizer> tokenizer, std::unique_ptr<Encoder> encoder,
                           PairHead head, ModelRecord record, ThreadPool& pool)
    : tokenizer_(std::move(tokenizer)),
      runner_(std::move(encoder), record.name, pool),
      head_(std::move(head)),
      record_(std::move(record)),
      pool_(&pool) {}

Result<std::unique_ptr<CrossEncoder>> CrossEncoder::Make(std::unique_ptr<Tokenizer> tokenizer,
                                                         std::unique_ptr<Encoder> encoder,
                                                         PairHead head, ModelRecord record,
                                                         ThreadPool& pool) {
  CODERANK_TRY(CheckTokenizerFits(*tokenizer, encoder->vocabulary_size(), record.name));
  const auto probe = tokenizer->EncodePair("", "", record.max_length);
  if (!probe) return probe.error().WithContext(StrCat("model ", record.name));
  return std::unique_ptr<CrossEncoder>(new CrossEncoder(std::move(tokenizer), std::move(encoder),
                                                        std::move(head), std::move(record), pool));
}

Result<std::vector<PairEncoding>> CrossEncoder::Tokenize(
    std::string_view query, std::span<const std::string_view> documents,
    const CancellationToken* cancel) const {
  std::vector<PairEncoding> pairs(documents.size());
  const auto tokenize = [&](size_t i) {
    // Make() has seen that pairs can be encoded.
    auto pair = tokenizer_->EncodePair(query, documents[i], record_.max_length);
    if (pair) pairs[i] = *std::move(pair);
  };
  try {
    if (pool_->ParallelFor(documents.size(), tokenize, cancel)) return pairs;
  } catch (const std::bad_alloc&) {
    return ResourceExhausted(StrCat("model ", record_.name, ": out of memory while reading ",
                                    documents.size(), " documents"));
  }
  return Cancelled("reranking was cancelled");
}

Result<std::vector<float>> CrossEncoder::Score(std::span<const PairEncoding> pairs,
                                               const CancellationToken* cancel) const {
  std::vector<float> logits(pairs.size());
  std::atomic<bool> finite{true};
  const auto judge = [&](size_t index, const float* states, size_t) {
    logits[index] = head_.Logit(states);  // of the first token, [CLS]
    if (!std::isfinite(logits[index])) finite = false;
  };
  try {
    std::vector<TokenSequence> sequences;
    sequences.reserve(pairs.size());
    for (const PairEncoding& pair : pairs) sequences.emplace_back(pair.ids, pair.second_begin);
    CODERANK_TRY(runner_.Run(sequences, States::kFirst, judge, cancel));
  } catch (const std::bad_alloc&) {
    return ResourceExhausted(StrCat("model ", record_.name, ": out of memory while reranking ",
                                    pairs.size(), " documents"));
  }
  if (!finite) {
    return Corrupt(StrCat("model ", record_.name,
                          ": a score is not finite: the weights overflow f32 on this text; run "
                          "`coderank model verify`"));
  }
  return logits;
}

}  // namespace coderank
