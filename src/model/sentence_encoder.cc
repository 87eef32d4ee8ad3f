#include "model/sentence_encoder.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <new>
#include <numeric>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "model/architectures.h"
#include "model/json_config.h"
#include "model/model_folder.h"
#include "model/weight_files.h"

namespace coderank {
namespace {

// Tokens of a micro-batch. Large enough for full register tiles and for reading the weights few
// times; small enough that a MiniLM layer's activations (512 x 1536 x 4 = 3 MB) stay near the core.
constexpr size_t kBatchTokens = 512;

using Sequences = std::span<const std::span<const int32_t>>;

// Indices of the sequences, cut into micro-batches: like lengths together, so that the batches
// cost alike, and the longest first, so that the last one to finish is short.
std::vector<std::vector<size_t>> CutBatches(Sequences sequences, size_t threads) {
  std::vector<size_t> order(sequences.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return sequences[a].size() > sequences[b].size(); });
  size_t total = 0;
  for (const auto& sequence : sequences) total += sequence.size();
  const size_t share = (total + threads - 1) / threads;  // few sequences: something for everyone
  const size_t target = std::min(kBatchTokens, share);
  std::vector<std::vector<size_t>> batches;
  size_t tokens = 0;
  for (const size_t index : order) {
    if (batches.empty() || tokens + sequences[index].size() > target) {
      batches.emplace_back();
      tokens = 0;
    }
    batches.back().push_back(index);
    tokens += sequences[index].size();
  }
  return batches;
}

bool AllFinite(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
}

}  // namespace

// Takes an idle workspace, or a new one, and gives it back.
class SentenceEncoder::Lease {
 public:
  explicit Lease(const SentenceEncoder& owner) : owner_(owner) {
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
  const SentenceEncoder& owner_;
  std::unique_ptr<nn::Workspace> workspace_;
};

SentenceEncoder::SentenceEncoder(std::unique_ptr<Encoder> encoder, const ModelRecord& record,
                                 const kernels::KernelSet& kernels, ThreadPool& pool)
    : encoder_(std::move(encoder)),
      model_name_(record.name),
      pooling_(record.pooling),
      kernels_(&kernels),
      pool_(&pool) {}

Status SentenceEncoder::Check(Sequences sequences) const {
  for (size_t s = 0; s < sequences.size(); ++s) {
    const size_t limit = encoder_->max_positions();
    if (sequences[s].empty() || sequences[s].size() > limit) {
      return InvalidArgument(StrCat("model ", model_name_, ": sequence ", s, ": expected 1 to ",
                                    limit, " tokens, found ", sequences[s].size()));
    }
    for (const int32_t id : sequences[s]) {
      if (id < 0 || static_cast<size_t>(id) >= encoder_->vocabulary_size()) {
        return InvalidArgument(StrCat("model ", model_name_, ": sequence ", s,
                                      ": expected token ids below ", encoder_->vocabulary_size(),
                                      ", found ", id));
      }
    }
  }
  return OkStatus();
}

Result<std::vector<std::vector<float>>> SentenceEncoder::Encode(
    Sequences sequences, EmbedOptions options, const CancellationToken* cancel) const {
  CODERANK_TRY(Check(sequences));
  std::vector<std::vector<float>> vectors(sequences.size());
  try {
    CODERANK_TRY(Run(sequences, options, cancel, vectors));
  } catch (const std::bad_alloc&) {
    return ResourceExhausted(StrCat("model ", model_name_, ": out of memory while embedding ",
                                    sequences.size(), " texts"));
  }
  return vectors;
}

Status SentenceEncoder::Run(Sequences sequences, EmbedOptions options,
                            const CancellationToken* cancel,
                            std::vector<std::vector<float>>& vectors) const {
  const auto batches = CutBatches(sequences, pool_->size());
  // One batch has the threads inside its operations; several have a thread each.
  ThreadPool* inner = batches.size() == 1 ? pool_ : nullptr;
  std::atomic<bool> finite{true};
  const auto encode = [&](size_t b) {
    TokenBatch batch;
    for (const size_t index : batches[b]) batch.Append(sequences[index]);
    Lease workspace(*this);
    const float* states = encoder_->Forward(batch, inner, *workspace);
    for (size_t i = 0; i < batches[b].size(); ++i) {
      std::vector<float>& vector = vectors[batches[b][i]];
      vector.resize(dimension());
      Pool(*kernels_, pooling_, states + batch.offsets[i] * dimension(),
           batch.offsets[i + 1] - batch.offsets[i], vector);
      if (options.normalize) NormalizeL2(vector);
      if (!AllFinite(vector)) finite = false;
    }
  };
  if (inner == nullptr) {
    if (!pool_->ParallelFor(batches.size(), encode, cancel))
      return Cancelled("embedding was cancelled");
  } else {
    if (cancel != nullptr && cancel->IsCancelled()) return Cancelled("embedding was cancelled");
    encode(0);
  }
  if (!finite) {
    return Corrupt(StrCat("model ", model_name_,
                          ": a vector is not finite: the weights overflow "
                          "f32 on this text; run `coderank model verify`"));
  }
  return OkStatus();
}

Result<std::unique_ptr<SentenceEncoder>> LoadSentenceEncoder(const std::filesystem::path& folder,
                                                             const ModelRecord& record,
                                                             const kernels::KernelSet& kernels,
                                                             ThreadPool& pool) {
  CODERANK_TRY(CheckModelFileSizes(folder, record));
  if (record.precision != "f32") {
    return InvalidArgument(
        StrCat("model ", record.name, ": precision: expected f32, found ", record.precision));
  }
  const std::filesystem::path transformer = folder / record.transformer_folder;
  CODERANK_ASSIGN(const JsonConfig config, LoadEncoderConfig(transformer));
  auto load = FindArchitecture(record.architecture);
  if (!load) return load.error().WithContext(StrCat("model ", record.name));
  try {
    CODERANK_ASSIGN(const WeightFiles weights, WeightFiles::Open(transformer));
    CODERANK_ASSIGN(std::unique_ptr<Encoder> encoder, (*load)(config, weights, kernels));
    if (encoder->hidden_size() != record.dimension ||
        encoder->max_positions() < record.max_length) {
      return Corrupt(StrCat("model ", record.name, ": expected dimension ", record.dimension,
                            " and at least ", record.max_length, " positions, found ",
                            encoder->hidden_size(), " and ", encoder->max_positions(),
                            "; install the model again"));
    }
    return std::make_unique<SentenceEncoder>(std::move(encoder), record, kernels, pool);
  } catch (const std::bad_alloc&) {
    return ResourceExhausted(StrCat("model ", record.name, ": out of memory while loading"));
  }
}

}  // namespace coderank
