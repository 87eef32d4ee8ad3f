#include "migration/index_push.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/sha256.h"
#include "base/strings.h"
#include "base/try.h"
#include "migration/collection_mark.h"
#include "migration/push_ledger.h"
#include "migration/pushed_point.h"
#include "qdrant/point_cursor.h"

namespace coderank {
namespace {

using qdrant::Point;
using qdrant::PointId;

constexpr size_t kBatch = 256;          // points written or removed together
constexpr uint64_t kIndexing = 10'000;  // kilobytes; the server's own default
constexpr size_t kIndexedSegments = 5;  // of paths: what Roo Code filters by

std::string SourceOf(std::string_view index_id) { return StrCat("index ", index_id); }

Status NotOurs(const std::string& collection) {
  return FailedPrecondition(
      StrCat(collection, ": is there already, and not of this index and model; name another one, ",
             "or delete it"));
}

// Not thread-safe.
class Push {
 public:
  Push(const IndexStore& store, const kernels::KernelSet& kernels, qdrant::Client& client,
       const std::string& collection, const PushOptions& options)
      : store_(store),
        kernels_(kernels),
        client_(client),
        collection_(collection),
        options_(options) {}

  Result<PushCounts> Run() {
    CODERANK_ASSIGN(const Transaction snapshot, store_.BeginReading());
    CODERANK_ASSIGN(dimension_, store_.VectorDimension());
    CODERANK_TRY(Describe());
    CODERANK_ASSIGN(const bool behind, Prepare());
    if (behind || !options_.only_if_behind) CODERANK_TRY(Follow());
    return counts_;
  }

 private:
  // What the collection is to say about itself.
  Status Describe() {
    CODERANK_ASSIGN(index_id_, store_.Meta(kMetaIndexId));
    CODERANK_ASSIGN(mark_.model, store_.Meta(kMetaModel));
    CODERANK_ASSIGN(mark_.fingerprint, store_.Meta(kMetaFingerprint));
    CODERANK_ASSIGN(generation_, store_.Generation());
    CODERANK_ASSIGN(const std::vector<PendingPlace> pending, store_.PendingPlaces());
    mark_.text_key = kPushedTextKey;
    mark_.source = SourceOf(index_id_);
    mark_.chunk_generation = generation_.chunks;
    mark_.vector_generation = generation_.vectors;
    counts_.pending = pending.size();
    return OkStatus();
  }

  // Whether the collection lacks something, as far as it says.
  Result<bool> Prepare() {
    CODERANK_ASSIGN(const bool there, client_.HasCollection(collection_));
    if (!there && dimension_ == 0) {
      if (options_.only_if_behind) return false;
      return FailedPrecondition("the index has no vectors yet");
    }
    if (!there) {
      CODERANK_TRY(Create());
      return true;
    }
    CODERANK_ASSIGN(const qdrant::CollectionInfo info, client_.Describe(collection_));
    const auto found = MarkFrom(info.metadata);
    const bool ours = found && found->source == mark_.source;
    if (!ours || found->fingerprint != mark_.fingerprint) return NotOurs(collection_);
    CODERANK_ASSIGN(counts_.points, client_.Count(collection_));
    const bool as_marked = found->state == kComplete && found->points == counts_.points;
    const StoreGeneration taken_in{.chunks = found->chunk_generation,
                                   .vectors = found->vector_generation};
    if (as_marked) OpenLedger(taken_in);
    return !as_marked || taken_in != generation_;
  }

  // Of the state that the collection is in, or none.
  void OpenLedger(const StoreGeneration& taken_in) {
    if (!options_.only_if_behind || options_.ledger_folder.empty()) return;
    auto ledger = ReadPushLedger(LedgerFile(), Target());
    if (ledger && ledger->generation == taken_in) known_ = *std::move(ledger);
  }

  Status Follow() {
    CODERANK_TRY(client_.SetMetadata(collection_, MetadataOf(LoadingMark())));
    CODERANK_TRY(known_ ? CompareWithLedger() : CompareWithCollection());
    CODERANK_TRY(WriteMissing());
    CODERANK_TRY(RemoveGone(/*all=*/true));
    CODERANK_TRY(client_.SetIndexing(collection_, kIndexing));
    CODERANK_ASSIGN(counts_.points, client_.Count(collection_));
    mark_.state = kComplete;
    mark_.points = counts_.points;
    CODERANK_TRY(client_.SetMetadata(collection_, MetadataOf(mark_)));
    if (options_.ledger_folder.empty()) return OkStatus();
    ledger_.generation = generation_;
    return WritePushLedger(LedgerFile(), Target(), ledger_);
  }

  // Until its end a push has taken in no state: killed, it is continued by a comparison.
  CollectionMark LoadingMark() const {
    CollectionMark loading = mark_;
    loading.state = kLoading;
    loading.chunk_generation = 0;
    loading.vector_generation = 0;
    return loading;
  }

  Status Create() {
    CODERANK_TRY(
        client_.Create(collection_, {.size = dimension_, .metadata = MetadataOf(LoadingMark())}));
    std::vector<std::string> fields = {"type", std::string(kPushedPathKey)};
    for (size_t i = 0; i < kIndexedSegments; ++i) fields.push_back(StrCat("pathSegments.", i));
    for (const std::string& field : fields) {
      CODERANK_TRY(client_.CreatePayloadIndex(collection_, {.field = field, .schema = "keyword"}));
    }
    return OkStatus();
  }

  // Leaves in wanted_ what the collection lacks, and removes what it has too much.
  Status CompareWithCollection() {
    CODERANK_ASSIGN(const std::vector<int64_t> chunks, ChunksWithVector());
    CODERANK_TRY(AddWanted(chunks));
    qdrant::PointCursor cursor(client_, collection_, {.payloads = false, .vector_name = {}});
    for (;; cursor.Advance()) {
      CODERANK_ASSIGN(const Point* const point, cursor.Current());
      if (point == nullptr) return OkStatus();
      CODERANK_TRY(Found(point->id));
    }
  }

  // The same from what the collection was given. Ids are never used twice, so a chunk is what it
  // was; one that was cut anew, and alike, is the same point.
  Status CompareWithLedger() {
    CODERANK_ASSIGN(const std::vector<int64_t> chunks, ChunksWithVector());
    std::vector<int64_t> added;
    std::set<PointId> gone;  // chunks of one long line that are alike are one point
    auto held = known_->entries.begin();
    for (const int64_t chunk : chunks) {
      for (; held != known_->entries.end() && held->chunk < chunk; ++held) {
        gone.insert(held->PointOf());
      }
      if (held == known_->entries.end() || held->chunk != chunk) {
        added.push_back(chunk);
      } else {
        ledger_.entries.push_back(*held++);
      }
    }
    for (; held != known_->entries.end(); ++held) gone.insert(held->PointOf());
    CODERANK_TRY(AddWanted(added));
    for (const PointId& id : gone) CODERANK_TRY(Found(id));
    return OkStatus();
  }

  Result<std::vector<int64_t>> ChunksWithVector() const {
    CODERANK_ASSIGN(std::vector<int64_t> chunks, store_.ChunkIds());
    CODERANK_ASSIGN(const std::vector<PendingPlace> places, store_.PendingPlaces());
    std::vector<int64_t> texts;
    for (const PendingPlace& place : places) {
      if (texts.empty() || texts.back() != place.text_id) texts.push_back(place.text_id);
    }
    std::unordered_set<int64_t> pending;
    CODERANK_TRY(store_.ChunkIdsOfTexts(texts, [&](int64_t chunk) { pending.insert(chunk); }));
    std::erase_if(chunks, [&](int64_t chunk) { return pending.contains(chunk); });
    return chunks;
  }

  // Of chunks that the collection has to have and may lack.
  Status AddWanted(std::span<const int64_t> chunks) {
    for (size_t first = 0; first < chunks.size(); first += kBatch) {
      const auto batch = chunks.subspan(first, std::min(kBatch, chunks.size() - first));
      CODERANK_ASSIGN(const std::vector<StoredChunk> stored, store_.ChunksById(batch));
      for (const StoredChunk& chunk : stored) {
        CODERANK_ASSIGN(const Sha256Digest hash, store_.HashOf(chunk.text_id));
        const PointId id = PushedPointId(index_id_, chunk, hash);
        ledger_.Add(chunk.id, id);
        wanted_[id] = chunk.id;
      }
    }
    std::sort(ledger_.entries.begin(), ledger_.entries.end(),
              [](const auto& a, const auto& b) { return a.chunk < b.chunk; });
    return OkStatus();
  }

  // A point that the collection has.
  Status Found(const PointId& id) {
    if (wanted_.erase(id) == 0) gone_.push_back(id);
    return RemoveGone(/*all=*/false);
  }

  Status RemoveGone(bool all) {
    if (gone_.empty() || (!all && gone_.size() < kBatch)) return OkStatus();
    CODERANK_TRY(client_.DeletePoints(collection_, gone_));
    counts_.removed += gone_.size();
    gone_.clear();
    return OkStatus();
  }

  Status WriteMissing() {
    std::map<int64_t, PointId> batch;  // by chunk
    for (const auto& [id, chunk] : wanted_) {
      batch.emplace(chunk, id);
      if (batch.size() == kBatch) CODERANK_TRY(Write(batch));
    }
    return Write(batch);
  }

  Status Write(std::map<int64_t, PointId>& batch) {
    if (batch.empty()) return OkStatus();
    if (IsCancelled(options_.cancel)) return Cancelled("the push was cancelled");
    std::vector<int64_t> chunks;
    for (const auto& [chunk, id] : batch) chunks.push_back(chunk);
    std::vector<Point> points;
    CODERANK_TRY(store_.VisitDocuments(chunks, [&](const StoredChunk& chunk,
                                                   std::string_view text) {
      Point point{.id = batch.at(chunk.id), .payload = PushedPayload(chunk, text), .vector = {}};
      CODERANK_TRY(ReadVector(chunk.text_id, point.vector));
      points.push_back(std::move(point));
      return OkStatus();
    }));
    CODERANK_TRY(client_.Upsert(collection_, points));
    counts_.written += points.size();
    if (options_.progress) options_.progress(counts_.written, wanted_.size());
    batch.clear();
    return OkStatus();
  }

  Status ReadVector(int64_t text_id, std::vector<float>& vector) const {
    return store_.VectorsOf({&text_id, 1}, dimension_, [&](int64_t, std::span<const uint16_t> row) {
      vector.resize(row.size());
      kernels_.f16_to_f32(row.data(), row.size(), vector.data());
    });
  }

  std::string Target() const { return StrCat(index_id_, "\n", client_.url(), "\n", collection_); }
  std::filesystem::path LedgerFile() const {
    return options_.ledger_folder / PushLedger::kFileName;
  }

  const IndexStore& store_;
  const kernels::KernelSet& kernels_;
  qdrant::Client& client_;
  const std::string& collection_;
  const PushOptions& options_;
  std::string index_id_;
  size_t dimension_ = 0;
  StoreGeneration generation_;
  CollectionMark mark_;
  std::optional<PushLedger> known_;    // what the collection has; no value: it has to be read
  PushLedger ledger_;                  // what it will have
  std::map<PointId, int64_t> wanted_;  // chunks by the ids of their points
  std::vector<PointId> gone_;
  PushCounts counts_;
};

}  // namespace

Result<PushCounts> PushIndex(const IndexStore& store, const kernels::KernelSet& kernels,
                             qdrant::Client& client, const std::string& collection,
                             const PushOptions& options) {
  return Push(store, kernels, client, collection, options).Run();
}

Status CheckPushTarget(const IndexStore& store, qdrant::Client& client,
                       const std::string& collection) {
  CODERANK_ASSIGN(const std::string index_id, store.Meta(kMetaIndexId));
  CODERANK_ASSIGN(const bool there, client.HasCollection(collection));
  if (!there) return OkStatus();
  CODERANK_ASSIGN(const qdrant::CollectionInfo info, client.Describe(collection));
  const auto mark = MarkFrom(info.metadata);
  return mark && mark->source == SourceOf(index_id) ? OkStatus() : NotOurs(collection);
}

}  // namespace coderank
