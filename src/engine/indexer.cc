#include "engine/indexer.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/elapsed.h"
#include "base/strings.h"
#include "base/try.h"
#include "engine/file_stamps.h"
#include "engine/utc_now.h"
#include "source/file_traits.h"
#include "source/language.h"

namespace coderank {
namespace {

// A commit costs a few milliseconds, so files are committed in batches of this many bytes.
constexpr uint64_t kScanBatchBytes = uint64_t{4} << 20;
constexpr size_t kScanBatchFiles = 256;
// A file changed this recently can change again within the file system's time step without a
// different stamp, so it is read once more by the next run.
constexpr int64_t kRacyNanoseconds = 2'000'000'000;

int64_t NowNanoseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

bool IsSettled(int64_t mtime_ns) { return NowNanoseconds() - mtime_ns > kRacyNanoseconds; }

// What the index says about the tree, or about the files that a run is for.
struct KnownTree {
  std::unordered_map<std::string, FileStamp> files;
  std::vector<SkippedRecord> skipped;
};

Result<KnownTree> KnownFiles(const IndexStore& store, const TreeChanges* changes) {
  KnownTree known;
  CODERANK_ASSIGN(known.skipped, store.Skipped());
  if (changes == nullptr) {
    CODERANK_ASSIGN(known.files, store.Files());
    return known;
  }
  std::vector<std::string> paths = changes->gone;
  for (const WalkedFile& file : changes->present) paths.push_back(file.path);
  for (const std::string& path : paths) {
    CODERANK_ASSIGN(const auto stamp, store.FileAt(path));
    if (stamp) known.files.emplace(path, *stamp);
  }
  return known;
}

std::string JoinNames(const std::vector<std::string>& names) {
  std::string joined;
  for (const std::string& name : names) joined += StrCat(joined.empty() ? "" : " ", name);
  return joined;
}

// Records the model before its first vector, so that a killed run is continued with the same.
Status RecordModel(IndexStore& store, const NamedEmbedder& model) {
  CODERANK_ASSIGN(Transaction transaction, store.Begin());
  CODERANK_TRY(store.SetMeta(kMetaModel, model.name));
  CODERANK_TRY(store.SetMeta(kMetaFingerprint, model.embedder->fingerprint()));
  CODERANK_TRY(store.SetMeta(kMetaMaxTokens, std::to_string(model.max_tokens)));
  return transaction.Commit();
}

}  // namespace

// One walk: compares with the stored stamps and commits changed files in batches.
class Indexer::Scan : public WalkVisitor {
 public:
  Scan(Indexer& indexer, ProgressReporter& progress, KnownTree known, bool recut)
      : indexer_(indexer),
        progress_(progress),
        known_(std::move(known.files)),
        skipped_before_(std::move(known.skipped)),
        recut_(recut) {
    for (const SkippedRecord& record : skipped_before_) {
      if (record.mtime_ns != 0) unfit_.emplace(record.path, &record);
    }
  }

  Status OnFile(const WalkedFile& file) override {
    ++progress_.state().files_seen;
    progress_.Report();
    const auto found = known_.find(file.path);
    if (found == known_.end()) {
      const auto unfit = unfit_.find(file.path);
      if (unfit == unfit_.end() || !SameStamp(*unfit->second, file)) return Read(file, nullptr);
      skipped_.push_back(*unfit->second);
      return OkStatus();
    }
    const FileStamp stamp = found->second;
    known_.erase(found);
    if (recut_ || !SameStamp(stamp, file)) return Read(file, &stamp);
    ++indexer_.report_.files_unchanged;
    return OkStatus();
  }

  void OnSkipped(const SkippedEntry& entry) override {
    skipped_.push_back({.path = entry.is_folder ? entry.path + "/" : entry.path,
                        .reason = std::string(SkipReasonName(entry.reason)),
                        .detail = entry.detail});
  }

  // A run for some files keeps what is known about the others.
  void KeepOthersSkipped(const TreeChanges& changes) {
    std::unordered_set<std::string_view> looked_at(changes.gone.begin(), changes.gone.end());
    for (const WalkedFile& file : changes.present) looked_at.insert(file.path);
    for (const SkippedRecord& record : skipped_before_) {
      if (!looked_at.contains(record.path)) skipped_.push_back(record);
    }
  }

  // Commits what is left, removes files that are gone, and stores what was skipped.
  Status Finish() {
    CODERANK_TRY(Commit());
    std::sort(skipped_.begin(), skipped_.end(), [](const SkippedRecord& a, const SkippedRecord& b) {
      return std::tie(a.path, a.reason) < std::tie(b.path, b.reason);
    });
    if (touched_.empty() && known_.empty() && skipped_ == skipped_before_) return OkStatus();
    CODERANK_TRY(indexer_.MarkUnderWay());
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

  Status Read(const WalkedFile& walked, const FileStamp* known) {
    const std::string& path = walked.path;
    CODERANK_ASSIGN(SourceReadResult read,
                    ReadSourceFile(indexer_.options_.root, path, indexer_.options_.walk));
    if (!read.readable) {
      OnSkipped(read.skipped);
      // A file that is binary stays so until its stamp changes; other reasons can vanish by
      // themselves.
      if (read.skipped.reason == SkipReason::kBinary && IsSettled(walked.mtime_ns)) {
        skipped_.back().size = walked.size;
        skipped_.back().mtime_ns = walked.mtime_ns;
        skipped_.back().inode = walked.inode;
      }
      if (known == nullptr) return OkStatus();
      known_.emplace(path, *known);  // was indexed and no longer can be: removed at the end
      return OkStatus();
    }
    const WalkedFile& info = read.file.info;
    const bool settled = !read.file.changed_while_reading && IsSettled(info.mtime_ns);
    const FileStamp stamp{.id = known == nullptr ? 0 : known->id,
                          .size = info.size,
                          .mtime_ns = settled ? info.mtime_ns : Unsettled(info.mtime_ns),
                          .inode = info.inode,
                          .sha256 = Sha256Of(read.file.content)};
    if (known != nullptr && !recut_ && known->sha256 == stamp.sha256) {
      ++indexer_.report_.files_unchanged;
      touched_.push_back(stamp);
      return OkStatus();
    }
    const std::string_view language = DetectLanguage(path, read.file.content);
    NewFile file{.path = path,
                 .stamp = stamp,
                 .language = std::string(language),
                 .traits = DetectFileTraits(path, language, read.file.content)};
    bytes_ += read.file.content.size();
    batch_.push_back({std::move(file), std::move(read.file.content), known == nullptr});
    if (bytes_ < kScanBatchBytes && batch_.size() < kScanBatchFiles) return OkStatus();
    return Commit();
  }

  Status Commit() {
    if (batch_.empty()) return OkStatus();
    CODERANK_TRY(indexer_.MarkUnderWay());
    std::vector<SourceText> texts;
    texts.reserve(batch_.size());
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
  ProgressReporter& progress_;
  std::unordered_map<std::string, FileStamp> known_;  // not yet seen by this walk
  const std::vector<SkippedRecord> skipped_before_;
  std::unordered_map<std::string_view, const SkippedRecord*> unfit_;  // found so by reading
  bool recut_;
  std::vector<FileStamp> touched_;  // another stamp, the same content
  std::vector<SkippedRecord> skipped_;
  std::vector<PendingFile> batch_;
  uint64_t bytes_ = 0;
};

Result<IndexReport> Indexer::Run(const ProgressSink& progress, const CancellationToken* cancel) {
  return Run(nullptr, progress, cancel);
}

Result<IndexReport> Indexer::RunFor(const TreeChanges& changes, const ProgressSink& progress,
                                    const CancellationToken* cancel) {
  CODERANK_ASSIGN(const std::string chunking, store_.Meta(kMetaChunking));
  const bool is_whole = chunking == chunker_.Version();
  return Run(is_whole ? &changes : nullptr, progress, cancel);
}

Result<IndexReport> Indexer::Run(const TreeChanges* changes, const ProgressSink& sink,
                                 const CancellationToken* cancel) {
  const auto start = std::chrono::steady_clock::now();
  ProgressReporter progress(sink);
  CODERANK_TRY(ScanTree(changes, progress, cancel));
  if (options_.observer != nullptr) CODERANK_TRY(options_.observer->OnScanned(store_));
  CODERANK_TRY(Embed(progress, cancel));
  if (options_.observer != nullptr) CODERANK_TRY(options_.observer->OnEmbedded(store_));
  progress.StartPhase(IndexProgress::Phase::kFinishing);
  CODERANK_TRY(Finish());
  report_.seconds = SecondsSince(start);
  return report_;
}

Status Indexer::ScanTree(const TreeChanges* changes, ProgressReporter& progress,
                         const CancellationToken* cancel) {
  CODERANK_ASSIGN(KnownTree known, KnownFiles(store_, changes));
  CODERANK_ASSIGN(const std::string chunking, store_.Meta(kMetaChunking));
  const std::string wanted = chunker_.Version();
  const bool recut = !known.files.empty() && chunking != wanted;
  if (chunking != wanted) {
    CODERANK_TRY(MarkUnderWay());
    // While files are cut anew none of the two ways holds for all: a killed run must begin again.
    CODERANK_TRY(store_.SetMeta(kMetaChunking, recut ? "" : wanted));
  }
  progress.StartPhase(IndexProgress::Phase::kScanning);
  Scan scan(*this, progress, std::move(known), recut);
  if (changes == nullptr) {
    CODERANK_TRY(Walk(options_.root, options_.walk, scan, cancel));
  } else {
    scan.KeepOthersSkipped(*changes);
    for (const WalkedFile& file : changes->present) CODERANK_TRY(scan.OnFile(file));
  }
  CODERANK_TRY(scan.Finish());
  if (recut) CODERANK_TRY(store_.SetMeta(kMetaChunking, wanted));
  CODERANK_ASSIGN(Transaction transaction, store_.Begin());
  CODERANK_TRY(store_.RemoveUnreferencedTexts());
  return transaction.Commit();
}

Status Indexer::Embed(ProgressReporter& progress, const CancellationToken* cancel) {
  CODERANK_ASSIGN(const bool pending, store_.HasPending());
  if (!pending || !options_.embedder) return OkStatus();
  CODERANK_TRY(MarkUnderWay());
  CODERANK_ASSIGN(const std::optional<NamedEmbedder> model, options_.embedder());
  if (!model) return OkStatus();
  CODERANK_TRY(RecordModel(store_, *model));
  EmbeddingOptions embedding = options_.embedding;
  embedding.usd_per_million_tokens = model->usd_per_million_tokens;
  EmbeddingPass pass(store_, *model->embedder, embedding, progress);
  const auto on_stored = [this] {
    return options_.observer == nullptr ? OkStatus() : options_.observer->OnEmbedded(store_);
  };
  CODERANK_ASSIGN(const EmbeddingSummary summary, pass.Run(on_stored, cancel));
  report_.chunks_embedded = summary.computed;
  report_.chunks_from_cache = summary.from_cache;
  report_.tokens_embedded = summary.tokens;
  report_.seconds_left = summary.seconds_left;
  return OkStatus();
}

Status Indexer::MarkUnderWay() {
  if (std::exchange(under_way_, true)) return OkStatus();
  return store_.SetMeta(kMetaIndexedAt, "");
}

Status Indexer::Finish() {
  CODERANK_TRY(store_.SetMeta(kMetaIndexedAt, UtcNow()));
  if (under_way_) CODERANK_TRY(store_.Checkpoint());
  CODERANK_ASSIGN(const StoreCounts counts, store_.Count());
  report_.coverage = {.files = counts.files,
                      .skipped_files = counts.skipped,
                      .chunks = counts.chunks,
                      .embedded_chunks = counts.embedded_chunks,
                      .complete = true};
  return OkStatus();
}

}  // namespace coderank
