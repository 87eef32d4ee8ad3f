#include "model/generator.h"

#include <algorithm>
#include <cmath>

#include "base/strings.h"
#include "base/try.h"

namespace coderank {
namespace {

// Tokens of one forward pass: enough rows to use each weight many times, few enough that their
// intermediate results (256 x 18,944 f32 of a 7B model: 19 MB) stay small beside the weights and
// that a caller who gives up waits for a few seconds at most.
constexpr size_t kChunk = 256;

Status CheckFinite(std::span<const float> values) {
  if (std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); })) {
    return OkStatus();
  }
  return Corrupt(
      "the decoder's weights give numbers that are not finite; run `coderank model verify`");
}

}  // namespace

Generator::Generator(std::shared_ptr<const Decoder> decoder, ThreadPool& pool, size_t capacity)
    : decoder_(std::move(decoder)),
      pool_(&pool),
      capacity_(std::min(capacity, decoder_->max_positions())),
      cache_(decoder_->MakeCache(capacity_)) {}

Status Generator::Check(std::span<const int32_t> ids) const {
  for (const int32_t id : ids) {
    if (id >= 0 && static_cast<size_t>(id) < decoder_->vocabulary_size()) continue;
    return InvalidArgument(
        StrCat("expected token ids below ", decoder_->vocabulary_size(), ", found ", id));
  }
  if (ids.size() <= capacity_ - tokens_.size()) return OkStatus();
  return ResourceExhausted(StrCat("expected a text of at most ", capacity_, " tokens, found ",
                                  tokens_.size() + ids.size(), "; shorten it"));
}

Status Generator::Append(std::span<const int32_t> ids, size_t keep,
                         const CancellationToken* cancel) {
  const size_t hidden = decoder_->hidden_size();
  states_.clear();
  while (!ids.empty()) {
    if (IsCancelled(cancel)) return Cancelled("the text was given up");
    const auto chunk = ids.first(std::min(ids.size(), kChunk));
    ids = ids.subspan(chunk.size());
    const float* states = decoder_->Forward(chunk, pool_, cache_, workspace_);
    tokens_.insert(tokens_.end(), chunk.begin(), chunk.end());
    if (keep <= ids.size()) continue;
    const size_t kept = std::min(keep - ids.size(), chunk.size());
    states_.insert(states_.end(), states + (chunk.size() - kept) * hidden,
                   states + chunk.size() * hidden);
  }
  return OkStatus();
}

Status Generator::Prefill(std::span<const int32_t> ids, const CancellationToken* cancel) {
  CODERANK_TRY(Check(ids));
  return Append(ids, 0, cancel);
}

Result<std::span<const float>> Generator::Forward(std::span<const int32_t> ids, size_t last,
                                                  const CancellationToken* cancel) {
  CODERANK_TRY(Check(ids));
  CODERANK_TRY(Append(ids, last, cancel));
  logits_.resize(last * decoder_->vocabulary_size());
  decoder_->Logits(states_.data(), last, pool_, workspace_, logits_.data());
  CODERANK_TRY(CheckFinite(logits_));
  return std::span<const float>(logits_);
}

Result<std::span<const float>> Generator::ForwardState(std::span<const int32_t> ids,
                                                       const CancellationToken* cancel) {
  CODERANK_TRY(Check(ids));
  CODERANK_TRY(Append(ids, 1, cancel));
  CODERANK_TRY(CheckFinite(states_));
  return std::span<const float>(states_);
}

Status Generator::Rewind(size_t length) {
  if (length > tokens_.size()) {
    return InvalidArgument(
        StrCat("expected a length of at most ", tokens_.size(), " tokens, found ", length));
  }
  tokens_.resize(length);
  cache_.Rewind(length);
  return OkStatus();
}

size_t Generator::RewindToPrefixOf(std::span<const int32_t> ids) {
  const auto differ = std::mismatch(tokens_.begin(), tokens_.end(), ids.begin(), ids.end());
  auto kept = static_cast<size_t>(differ.first - tokens_.begin());
  if (kept == ids.size() && kept > 0) --kept;
  tokens_.resize(kept);
  cache_.Rewind(kept);
  return kept;
}

}  // namespace coderank
