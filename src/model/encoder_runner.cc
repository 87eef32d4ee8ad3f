#include "model/encoder_runner.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/strings.h"
#include "base/try.h"

namespace coderank {
namespace {

// Tokens of a micro-batch. Large enough for full register tiles and for reading the weights few
// times; small enough that a MiniLM layer's activations (512 x 1536 x 4 = 3 MB) stay near the core.
constexpr size_t kBatchTokens = 512;

using Sequences = std::span<const TokenSequence>;

// Indices of the sequences, cut into micro-batches: like lengths together, so that the batches
// cost alike, and the longest first, so that the last one to finish is short.
std::vector<std::vector<size_t>> CutBatches(Sequences sequences, size_t threads) {
  std::vector<size_t> order(sequences.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return sequences[a].ids.size() > sequences[b].ids.size();
  });
  size_t total = 0;
  for (const TokenSequence& sequence : sequences) total += sequence.ids.size();
  const size_t share = (total + threads - 1) / threads;  // few sequences: something for everyone
  const size_t target = std::min(kBatchTokens, share);
  std::vector<std::vector<size_t>> batches;
  size_t tokens = 0;
  for (const size_t index : order) {
    if (batches.empty() || tokens + sequences[index].ids.size() > target) {
      batches.emplace_back();
      tokens = 0;
    }
    batches.back().push_back(index);
    tokens += sequences[index].ids.size();
  }
  return batches;
}

}  // namespace

// Takes an idle workspace, or a new one, and gives it back.
class EncoderRunner::Lease {
 public:
  explicit Lease(const EncoderRunner& owner) : owner_(owner) {
    const std::lock_guard lock(owner_.mutex_);
    if (owner_.idle_.empty()) {
      workspace_ = std::make_unique<nn::Workspace>();
    } else {
      workspace_ = std::move(owner_.idle_.back());
      owner_.idle_.pop_back();
    }
  }
  ~Lease() {
    const std::lock_guard lock(owner_.mutex_);
    owner_.idle_.push_back(std::move(workspace_));
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  nn::Workspace& operator*() { return *workspace_; }

 private:
  const EncoderRunner& owner_;
  std::unique_ptr<nn::Workspace> workspace_;
};

Status EncoderRunner::Check(Sequences sequences) const {
  for (size_t s = 0; s < sequences.size(); ++s) {
    const size_t limit = encoder_->max_positions();
    const std::span<const int32_t> ids = sequences[s].ids;
    if (ids.empty() || ids.size() > limit) {
      return InvalidArgument(StrCat("model ", model_name_, ": sequence ", s, ": expected 1 to ",
                                    limit, " tokens, found ", ids.size()));
    }
    for (const int32_t id : ids) {
      if (id < 0 || static_cast<size_t>(id) >= encoder_->vocabulary_size()) {
        return InvalidArgument(StrCat("model ", model_name_, ": sequence ", s,
                                      ": expected token ids below ", encoder_->vocabulary_size(),
                                      ", found ", id));
      }
    }
  }
  return OkStatus();
}

Status EncoderRunner::Run(Sequences sequences, States wanted, Take take,
                          const CancellationToken* cancel) const {
  CODERANK_TRY(Check(sequences));
  const auto batches = CutBatches(sequences, pool_->size());
  // One batch has the threads inside its operations; several have a thread each.
  ThreadPool* inner = batches.size() == 1 ? pool_ : nullptr;
  const size_t hidden = encoder_->hidden_size();
  const auto run = [&](size_t b) {
    TokenBatch batch;
    for (const size_t index : batches[b]) batch.Append(sequences[index]);
    Lease workspace(*this);
    const float* states = encoder_->Forward(batch, wanted, inner, *workspace);
    for (size_t i = 0; i < batches[b].size(); ++i) {
      const size_t begin = wanted == States::kAll ? batch.offsets[i] : i;
      const size_t tokens = wanted == States::kAll ? batch.offsets[i + 1] - begin : 1;
      take(batches[b][i], states + begin * hidden, tokens);
    }
  };
  if (inner == nullptr) {
    if (pool_->ParallelFor(batches.size(), run, cancel)) return OkStatus();
  } else if (!IsCancelled(cancel)) {
    run(0);
    return OkStatus();
  }
  return Cancelled(StrCat("running model ", model_name_, " was cancelled"));
}

}  // namespace coderank
