#include "engine/indexer.h"

#include <algorithm>
#include <ctime>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "source/language.h"

namespace coderank {
namespace {

// A commit costs a few milliseconds, so files are committed in batches of this many bytes.
constexpr uint64_t kScanBatchBytes = uint64_t{4} << 20;
constexpr size_t kScanBatchFiles = 256;
// Work lost to a kill is about this long. A block adapts to the encoder's speed within bounds.
constexpr double kSecondsPerCommit = 1.0;
constexpr size_t kLeastBlock = 16;
constexpr size_t kMostBlock = 2048;
constexpr auto kReportInterval = std::chrono::milliseconds(100);
// A file changed this recently can change again within the file system's time step without a
// different stamp, so it is read once more by the next run.
constexpr int64_t kRacyNanoseconds = 2'000'000'000;

int64_t NowNanoseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

std::string UtcNow() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  char text[32];
  return {text, std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc)};
}

double Seconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

std::string JoinNames(const std::vector<std::string>& names) {
  std::string joined;
  for (const std::string& name : names) joined += StrCat(joined.empty() ? "" : " ", name);
  return joined;
}

}  // namespace

// One walk: compares with the stored stamps and commits changed files in batches.
class Indexer::Scan : public WalkVisitor {
 public:
  Scan(Indexer& indexer, std::unordered_map<std::string, FileStamp> known, bool recut)
      : indexer_(indexer), known_(std::move(known)), recut_(recut) {}

  Status OnFile(const WalkedFile& file) override {
    ++indexer_.state_.files_seen;
    indexer_.Report(IndexProgress::Phase::kScanning);
    const auto found = known_.find(file.path);
    const bool is_new = found == known_.end();
    if (!is_new) {
      const FileStamp stamp = found->second;
      known_.erase(found);
      if (!recut_ && stamp.mtime_ns == file.mtime_ns && stamp.size == file.size &&
          stamp.inode == file.inode) {
        ++indexer_.report_.files_unchanged;
        return OkStatus();
      }
      return Read(file.path, &stamp);
    }
    return Read(file.path, nullptr);
  }

  void OnSkipped(const SkippedEntry& entry) override {
    skipped_.push_back({.path = entry.is_folder ? entry.path + "/" : entry.path,
                        .reason = std::string(SkipReasonName(entry.reason)),
                        .detail = entry.detail});
  }

  // Commits what is left, removes files that are gone, and stores what was skipped.
  Status Finish() {
    CODERANK_TRY(Commit());
    CODERANK_ASSIGN(Transaction transaction, indexer_.store_.Begin());
    for (const FileStamp& stamp : touched_) {
      CODERANK_TRY(indexer_.store_.UpdateStamp(stamp));
    }
    for (const auto& [path, stamp] : known_) {
      CODERANK_TRY(indexer_.store_.RemoveFile(stamp.id));
      ++indexer_.report_.files_removed;
    }
    CODERANK_TRY(indexer_.store_.ReplaceSkipped(skipped_));
    return transaction.Commit();
  }

 private:
  struct PendingFile {
    NewFile file;
    std::string content;
    bool is_new;
  };

  Status Read(const std::string& path, const FileStamp* known) {
    CODERANK_ASSIGN(SourceReadResult read,
                    ReadSourceFile(indexer_.options_.root, path, indexer_.options_.walk));
    if (!read.readable) {
      OnSkipped(read.skipped);
      if (known == nullptr) return OkStatus();
      known_.emplace(path, *known);  // was indexed and no longer can be: removed at the end
      return OkStatus();
    }
    const WalkedFile& info = read.file.info;
    const bool settled =
        !read.file.changed_while_reading && NowNanoseconds() - info.mtime_ns > kRacyNanoseconds;
    const FileStamp stamp{.id = known == nullptr ? 0 : known->id,
                          .size = info.size,
                          .mtime_ns = settled ? info.mtime_ns : 0,
                          .inode = info.inode,
                          .sha256 = Sha256Of(read.file.content)};
    if (known != nullptr && !recut_ && known->sha256 == stamp.sha256) {
      ++indexer_.report_.files_unchanged;
      touched_.push_back(stamp);
      return OkStatus();
    }
    NewFile file{.path = path,
                 .stamp = stamp,
                 .language = std::string(DetectLanguage(path, read.file.content))};
    bytes_ += read.file.content.size();
    batch_.push_back({std::move(file), std::move(read.file.content), known == nullptr});
    if (bytes_ < kScanBatchBytes && batch_.size() < kScanBatchFiles) return OkStatus();
    return Commit();
  }

  Status Commit() {
    if (batch_.empty()) return OkStatus();
    std::vector<SourceText> texts;
    for (const PendingFile& pending : batch_) {
      texts.push_back({.content = pending.content, .language = pending.file.language});
    }
    std::vector<CutFile> cut = indexer_.chunker_.CutAll(texts);
    CODERANK_ASSIGN(Transaction transaction, indexer_.store_.Begin());
    for (size_t i = 0; i < batch_.size(); ++i) CODERANK_TRY(Store(batch_[i], std::move(cut[i])));
    CODERANK_TRY(transaction.Commit());
    batch_.clear();
    bytes_ = 0;
    return OkStatus();
  }

  Status Store(PendingFile& pending, CutFile cut) {
    const std::string_view content = pending.content;
    pending.file.lost_syntax = std::move(cut.lost_syntax);
    std::vector<std::string> texts;  // what `chunks` refers to
    texts.reserve(cut.chunks.size());
    std::vector<NewChunk> chunks;
    chunks.reserve(cut.chunks.size());
    for (Chunk& chunk : cut.chunks) {
      const uint64_t length = chunk.end_byte - chunk.start_byte;
      if (!chunk.context.empty()) chunk.context += '\n';
      const uint64_t kept =
          std::min<uint64_t>(length, IndexStore::kMaxTextBytes - chunk.context.size());
      texts.push_back(StrCat(chunk.context, content.substr(chunk.start_byte, kept)));
      chunks.push_back({.start_byte = chunk.start_byte,
                        .end_byte = chunk.end_byte,
                        .start_line = chunk.start_line,
                        .end_line = chunk.end_line,
                        .symbol = std::move(chunk.symbol),
                        .kind = std::move(chunk.kind),
                        .scope = std::move(chunk.scope),
                        .definitions = JoinNames(chunk.definitions),
                        .context_bytes = static_cast<uint32_t>(chunk.context.size()),
                        .cut = chunk.cut || kept < length,
                        .text = texts.back()});
    }
    ++(pending.is_new ? indexer_.report_.files_added : indexer_.report_.files_changed);
    return indexer_.store_.ReplaceFile(pending.file, chunks);
  }

  Indexer& indexer_;
  std::unordered_map<std::string, FileStamp> known_;  // not yet seen by this walk
  bool recut_;
  std::vector<FileStamp> touched_;  // another stamp, the same content
  std::vector<SkippedRecord> skipped_;
  std::vector<PendingFile> batch_;
  uint64_t bytes_ = 0;
};

Result<IndexReport> Indexer::Run(const ProgressSink& progress, const CancellationToken* cancel) {
  const auto start = Clock::now();
  progress_ = &progress;
  phase_start_ = start;
  CODERANK_ASSIGN(auto known, store_.Files());
  CODERANK_ASSIGN(const std::string chunking, store_.Meta(kMetaChunking));
  const std::string wanted = chunker_.Version();
  CODERANK_TRY(store_.SetMeta(kMetaIndexedAt, ""));
  const bool recut = !known.empty() && chunking != wanted;
  // While files are cut anew none of the two ways holds for all: a killed run must begin again.
  CODERANK_TRY(store_.SetMeta(kMetaChunking, recut ? "" : wanted));

  Scan scan(*this, std::move(known), recut);
  CODERANK_TRY(Walk(options_.root, options_.walk, scan, cancel));
  CODERANK_TRY(scan.Finish());
  CODERANK_TRY(store_.SetMeta(kMetaChunking, wanted));
  CODERANK_TRY(Embed(cancel));
  CODERANK_TRY(Finish());
  report_.seconds = Seconds(Clock::now() - start);
  return report_;
}

Status Indexer::Embed(const CancellationToken* cancel) {
  {
    CODERANK_ASSIGN(Transaction transaction, store_.Begin());
    CODERANK_TRY(store_.RemoveUnreferencedTexts());
    CODERANK_TRY(transaction.Commit());
  }
  CODERANK_ASSIGN(const StoreCounts counts, store_.Count());
  state_.chunks_total = counts.pending_texts;
  phase_start_ = Clock::now();
  int64_t last_id = 0;
  for (size_t block_size = kLeastBlock;;) {
    Report(IndexProgress::Phase::kEmbedding, true);
    CODERANK_ASSIGN(auto block, store_.Pending(last_id, block_size));
    if (block.empty()) return OkStatus();
    last_id = block.back().id;
    const auto start = Clock::now();
    CODERANK_ASSIGN(const size_t tokens, EmbedBlock(block, cancel));
    const double seconds = std::max(1e-3, Seconds(Clock::now() - start));
    state_.chunks_done += block.size();
    state_.tokens_done += tokens;
    const double fitting = static_cast<double>(block.size()) * kSecondsPerCommit / seconds;
    block_size = std::clamp(static_cast<size_t>(fitting), kLeastBlock, kMostBlock);
  }
}

// Embeds a block and commits its vectors; returns its tokens.
Result<size_t> Indexer::EmbedBlock(std::vector<PendingText>& block,
                                   const CancellationToken* cancel) {
  std::vector<std::string_view> texts;
  texts.reserve(block.size());
  for (const PendingText& pending : block) texts.emplace_back(pending.text);
  CODERANK_ASSIGN(const std::vector<Embedding> embeddings, embedder_.EmbedDocuments(texts, cancel));
  CODERANK_ASSIGN(Transaction transaction, store_.Begin());
  std::vector<uint16_t> row(embedder_.dimension());
  size_t tokens = 0;
  for (size_t i = 0; i < block.size(); ++i) {
    const Embedding& embedding = embeddings[i];
    kernels_.f32_to_f16(embedding.vector.data(), row.size(), row.data());
    CODERANK_TRY(
        store_.StoreVector(block[i].id, row, embedding.token_ids.size(), embedding.truncated));
    tokens += embedding.token_ids.size();
  }
  CODERANK_TRY(transaction.Commit());
  return tokens;
}

Status Indexer::Finish() {
  Report(IndexProgress::Phase::kFinishing, true);
  CODERANK_TRY(store_.SetMeta(kMetaIndexedAt, UtcNow()));
  CODERANK_TRY(store_.Checkpoint());
  CODERANK_ASSIGN(const StoreCounts counts, store_.Count());
  report_.chunks_embedded = state_.chunks_done;
  report_.tokens_embedded = state_.tokens_done;
  report_.coverage = {.files = counts.files,
                      .skipped_files = counts.skipped,
                      .chunks = counts.chunks,
                      .embedded_chunks = counts.embedded_chunks,
                      .complete = true};
  return OkStatus();
}

void Indexer::Report(IndexProgress::Phase phase, bool force) {
  if (!*progress_) return;
  const auto now = Clock::now();
  if (!force && now - last_report_ < kReportInterval) return;
  last_report_ = now;
  state_.phase = phase;
  state_.seconds = Seconds(now - phase_start_);
  (*progress_)(state_);
}

}  // namespace coderank
