#include "engine/embedding_pass.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include "base/elapsed.h"
#include "base/strings.h"
#include "base/try.h"
#include "engine/price.h"

namespace coderank {
namespace {

// Work lost to a kill is about this long. A block adapts to the encoder's speed within bounds.
constexpr double kSecondsPerCommit = 1.0;
// A large model on an old CPU makes about four texts a second.
constexpr size_t kLeastBlock = 4;
constexpr size_t kMostBlock = 2048;
// Texts looked up in the cache, and committed, together.
constexpr size_t kLookupBlock = 1024;
// The speed is estimated from this many texts, spread over the whole.
constexpr size_t kSample = 16;
constexpr size_t kLeastToSample = 8 * kSample;
// A shorter estimate is over before it is read.
constexpr double kSecondsWorthSaying = 10;
constexpr auto kStoredInterval = std::chrono::minutes(1);
// The cache is written when this many vectors (some megabytes) are new, and at the end.
constexpr size_t kCacheBatch = 2048;

}  // namespace

Result<EmbeddingSummary> EmbeddingPass::Run(const std::function<Status()>& on_stored,
                                            const CancellationToken* cancel) {
  CODERANK_ASSIGN(texts_, EmbeddingOrder(store_));
  progress_.state().chunks_total = texts_.size();
  progress_.StartPhase(IndexProgress::Phase::kEmbedding);
  CODERANK_TRY(TakeFromCache());
  SampleFirst();
  for (const TextToEmbed& text : texts_) bytes_left_ += text.size;
  start_ = Clock::now();
  const Status computed = Compute(on_stored, cancel);
  FillCache();  // also what a cancelled run has computed
  CODERANK_TRY(computed);
  summary_.left = texts_.size() - done_;
  summary_.seconds_left = SecondsFor(bytes_left_);
  return summary_;
}

// Leaves in texts_ what the cache does not know.
Status EmbeddingPass::TakeFromCache() {
  if (options_.cache == nullptr) return OkStatus();
  std::vector<TextToEmbed> missing;
  size_t looked_up = 0;
  while (looked_up < texts_.size() && options_.cache != nullptr) {
    const size_t count = std::min(kLookupBlock, texts_.size() - looked_up);
    CODERANK_ASSIGN(const size_t taken,
                    TakeFromCache(std::span(texts_).subspan(looked_up, count), missing));
    looked_up += count;
    summary_.from_cache += taken;
    progress_.state().chunks_done += taken;
    progress_.Report();
  }
  missing.insert(missing.end(), texts_.begin() + static_cast<ptrdiff_t>(looked_up), texts_.end());
  texts_ = std::move(missing);
  return OkStatus();
}

Result<size_t> EmbeddingPass::TakeFromCache(std::span<const TextToEmbed> texts,
                                            std::vector<TextToEmbed>& missing) {
  std::vector<Sha256Digest> hashes;
  hashes.reserve(texts.size());
  for (const TextToEmbed& text : texts) {
    CODERANK_ASSIGN(const Sha256Digest hash, store_.HashOf(text.id));
    hashes.push_back(hash);
  }
  const auto found = options_.cache->Find(embedder_.fingerprint(), embedder_.dimension(), hashes);
  if (!found) {
    WithoutCache(found.error());
    missing.insert(missing.end(), texts.begin(), texts.end());
    return size_t{0};
  }
  CODERANK_ASSIGN(Transaction transaction, store_.Begin());
  size_t taken = 0;
  for (size_t i = 0; i < texts.size(); ++i) {
    const auto& known = (*found)[i];
    if (!known) {
      missing.push_back(texts[i]);
      continue;
    }
    CODERANK_TRY(store_.StoreVector(texts[i].id, known->row, known->tokens, known->truncated));
    ++taken;
  }
  CODERANK_TRY(transaction.Commit());
  return taken;
}

// Texts spread over all come first, so that the speed measured on them holds for the rest.
void EmbeddingPass::SampleFirst() {
  if (texts_.size() < kLeastToSample) return;
  const size_t stride = texts_.size() / kSample;
  std::vector<TextToEmbed> reordered;
  reordered.reserve(texts_.size());
  const auto in_sample = [stride](size_t i) { return i % stride == 0 && i / stride < kSample; };
  for (size_t i = 0; i < kSample; ++i) reordered.push_back(texts_[i * stride]);
  for (size_t i = 0; i < texts_.size(); ++i) {
    if (!in_sample(i)) reordered.push_back(texts_[i]);
  }
  texts_ = std::move(reordered);
}

Status EmbeddingPass::Compute(const std::function<Status()>& on_stored,
                              const CancellationToken* cancel) {
  auto last_stored = start_;
  bool estimated = texts_.size() < kLeastToSample;
  size_t block_size = kLeastBlock;
  while (done_ < texts_.size()) {
    progress_.Report(/*force=*/true);
    const auto block =
        std::span(texts_).subspan(done_, std::min(block_size, texts_.size() - done_));
    uint64_t bytes = 0;
    for (const TextToEmbed& text : block) bytes += text.size;
    if (!WithinBudget(bytes)) return OkStatus();
    const auto start = Clock::now();
    CODERANK_TRY(EmbedBlock(block, cancel));
    const double seconds = std::max(1e-3, SecondsSince(start));
    seconds_computed_ += seconds;
    bytes_computed_ += bytes;
    bytes_left_ -= bytes;
    done_ += block.size();
    const double fitting = static_cast<double>(block.size()) * kSecondsPerCommit / seconds;
    // At most four times as many: the first blocks say little about the next.
    block_size =
        std::clamp(static_cast<size_t>(fitting), kLeastBlock, std::min(kMostBlock, 4 * block_size));
    if (!estimated && done_ >= kSample) {
      estimated = true;
      LogEstimate();
    }
    if (to_cache_.size() >= kCacheBatch) FillCache();
    if (Clock::now() - last_stored >= kStoredInterval) {
      last_stored = Clock::now();
      CODERANK_TRY(on_stored());
    }
  }
  return OkStatus();
}

// Embeds a block and commits its vectors.
Status EmbeddingPass::EmbedBlock(std::span<const TextToEmbed> block,
                                 const CancellationToken* cancel) {
  std::vector<std::string> texts;
  texts.reserve(block.size());
  for (const TextToEmbed& text : block) {
    CODERANK_ASSIGN(std::string content, store_.TextOf(text.id));
    texts.push_back(std::move(content));
  }
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  CODERANK_ASSIGN(const std::vector<Embedding> embeddings, embedder_.EmbedDocuments(views, cancel));
  CODERANK_ASSIGN(Transaction transaction, store_.Begin());
  std::vector<uint16_t> row(embedder_.dimension());
  for (size_t i = 0; i < block.size(); ++i) {
    const Embedding& embedding = embeddings[i];
    const uint32_t tokens = embedding.tokens;
    options_.kernels->f32_to_f16(embedding.vector.data(), row.size(), row.data());
    CODERANK_TRY(store_.StoreVector(block[i].id, row, tokens, embedding.truncated));
    summary_.tokens += tokens;
    if (options_.cache != nullptr) {
      to_cache_.push_back({.sha256 = Sha256Of(texts[i]),
                           .row = row,
                           .tokens = tokens,
                           .truncated = embedding.truncated});
    }
  }
  CODERANK_TRY(transaction.Commit());
  summary_.computed += block.size();
  progress_.state().chunks_done += block.size();
  progress_.state().tokens_done = summary_.tokens;
  return OkStatus();
}

void EmbeddingPass::FillCache() {
  if (options_.cache == nullptr) return;
  const Status added = options_.cache->Add(embedder_.fingerprint(), to_cache_);
  to_cache_.clear();
  if (!added.ok()) WithoutCache(added);
}

// The cache only saves work, so its failure ends nothing but its use in this run.
void EmbeddingPass::WithoutCache(const Status& reason) {
  options_.cache = nullptr;
  Log(LogLevel::kWarning, StrCat("the embedding cache is not used: ", reason.message()));
}

double EmbeddingPass::SecondsFor(uint64_t bytes) const {
  if (bytes_computed_ == 0) return 0;
  return seconds_computed_ * static_cast<double>(bytes) / static_cast<double>(bytes_computed_);
}

// The first block is always embedded: without it a small budget would never get anywhere.
bool EmbeddingPass::WithinBudget(uint64_t bytes) const {
  const double budget = options_.budget.count();
  return budget <= 0 || done_ == 0 || SecondsSince(start_) + SecondsFor(bytes) <= budget;
}

void EmbeddingPass::LogEstimate() const {
  const double seconds = SecondsFor(bytes_left_);
  const double tokens = static_cast<double>(summary_.tokens) * static_cast<double>(bytes_left_) /
                        static_cast<double>(std::max<uint64_t>(1, bytes_computed_));
  const double rate = static_cast<double>(summary_.tokens) / seconds_computed_;
  const LogLevel level = seconds < kSecondsWorthSaying ? LogLevel::kDebug : LogLevel::kInfo;
  Log(level, StrCat("embedding ", texts_.size() - done_, " chunks, about ", std::llround(tokens),
                    " tokens: about ", TimeOf(seconds), " at ", std::llround(rate), " tokens/s",
                    PriceOf(tokens, options_.usd_per_million_tokens)));
  const double budget = options_.budget.count();
  if (budget <= 0 || seconds <= budget) return;
  Log(LogLevel::kInfo,
      StrCat("that is above the budget of ", TimeOf(budget),
             ": files changed lately and files "
             "referenced most come first, then the run stops. The next `coderank index` goes on, "
             "`coderank index --budget 0` goes on to the end; a smaller model needs less "
             "(all-MiniLM-L6-v2 about a tenth of CodeRankEmbed), and `coderank texts export` lets "
             "a bigger machine do it"));
}

void EmbeddingPass::Log(LogLevel level, const std::string& text) const {
  if (options_.log) options_.log(level, text);
}

}  // namespace coderank
