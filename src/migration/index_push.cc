#include "migration/index_push.h"

#include <algorithm>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "base/sha256.h"
#include "base/strings.h"
#include "base/try.h"
#include "migration/collection_mark.h"
#include "qdrant/point_cursor.h"

namespace coderank {
namespace {

using qdrant::Json;
using qdrant::Point;
using qdrant::PointId;

constexpr size_t kBatch = 256;          // points written or removed together
constexpr uint64_t kIndexing = 10'000;  // kilobytes; the server's own default
constexpr size_t kIndexedSegments = 5;  // of paths: what Roo Code filters by

// "src/net/url.cc" as {"0": "src", "1": "net", "2": "url.cc"}.
Json SegmentsOf(std::string_view path) {
  Json segments = Json::object();
  for (size_t number = 0; !path.empty(); ++number) {
    const size_t slash = std::min(path.find('/'), path.size());
    segments[std::to_string(number)] = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return segments;
}

Json PayloadOf(const StoredChunk& chunk, std::string_view text) {
  return {{"filePath", chunk.path},
          {std::string(kPushedTextKey), text},
          {"startLine", chunk.start_line},
          {"endLine", chunk.end_line},
          {"segmentHash", ToHex(Sha256Of(text))},
          {"pathSegments", SegmentsOf(chunk.path)},
          {"type", "code"},
          {"language", chunk.language},
          {"symbol", chunk.symbol},
          {"kind", chunk.kind},
          {"scope", chunk.scope}};
}

// Not thread-safe.
class Push {
 public:
  Push(const IndexStore& store, const kernels::KernelSet& kernels, qdrant::Client& client,
       const std::string& collection, const CancellationToken* cancel)
      : store_(store),
        kernels_(kernels),
        client_(client),
        collection_(collection),
        cancel_(cancel) {}

  Result<PushCounts> Run() {
    CODERANK_ASSIGN(const Transaction snapshot, store_.BeginReading());
    CODERANK_ASSIGN(dimension_, store_.VectorDimension());
    if (dimension_ == 0) return FailedPrecondition("the index has no vectors yet");
    CODERANK_TRY(Prepare());
    CODERANK_TRY(CollectWanted());
    CODERANK_TRY(CompareWithCollection());
    CODERANK_TRY(WriteMissing());
    CODERANK_TRY(RemoveGone(/*all=*/true));
    CODERANK_TRY(client_.SetIndexing(collection_, kIndexing));
    mark_.state = kComplete;
    CODERANK_TRY(client_.SetMetadata(collection_, MetadataOf(mark_)));
    CODERANK_ASSIGN(counts_.points, client_.Count(collection_));
    return counts_;
  }

 private:
  Status Prepare() {
    CODERANK_ASSIGN(index_id_, store_.Meta(kMetaIndexId));
    mark_.state = kLoading;
    CODERANK_ASSIGN(mark_.model, store_.Meta(kMetaModel));
    CODERANK_ASSIGN(mark_.fingerprint, store_.Meta(kMetaFingerprint));
    mark_.text_key = kPushedTextKey;
    mark_.source = StrCat("index ", index_id_);
    CODERANK_ASSIGN(const bool there, client_.HasCollection(collection_));
    if (!there) return Create();
    CODERANK_ASSIGN(const qdrant::CollectionInfo info, client_.Describe(collection_));
    const auto mark = MarkFrom(info.metadata);
    if (mark && mark->source == mark_.source && mark->fingerprint == mark_.fingerprint) {
      return OkStatus();
    }
    return FailedPrecondition(StrCat(
        collection_, ": is there already, and not of this index and model; name another one, ",
        "or delete it"));
  }

  Status Create() {
    CODERANK_TRY(client_.Create(collection_, {.size = dimension_, .metadata = MetadataOf(mark_)}));
    std::vector<std::string> fields = {"type", "filePath"};
    for (size_t i = 0; i < kIndexedSegments; ++i) fields.push_back(StrCat("pathSegments.", i));
    for (const std::string& field : fields) {
      CODERANK_TRY(client_.CreatePayloadIndex(collection_, {.field = field, .schema = "keyword"}));
    }
    return OkStatus();
  }

  Status CollectWanted() {
    CODERANK_ASSIGN(const std::vector<int64_t> with_vector, store_.VectorIds());
    Status status;
    CODERANK_TRY(store_.ScanChunks([&](const StoredChunk& chunk) {
      if (!status.ok()) return;
      if (!std::binary_search(with_vector.begin(), with_vector.end(), chunk.text_id)) {
        ++counts_.pending;
        return;
      }
      const auto hash = store_.HashOf(chunk.text_id);
      if (!hash) {
        status = hash.error();
        return;
      }
      wanted_[PointId::OfName(StrCat(index_id_, "\n", chunk.path, "\n", chunk.start_line, "\n",
                                     chunk.end_line, "\n", ToHex(*hash)))] = chunk.id;
    }));
    return status;
  }

  // Leaves in wanted_ what the collection lacks.
  Status CompareWithCollection() {
    qdrant::PointCursor cursor(client_, collection_, {.payloads = false, .vector_name = {}});
    for (;; cursor.Advance()) {
      CODERANK_ASSIGN(const Point* const point, cursor.Current());
      if (point == nullptr) return OkStatus();
      if (wanted_.erase(point->id) == 0) gone_.push_back(point->id);
      CODERANK_TRY(RemoveGone(/*all=*/false));
    }
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
    if (IsCancelled(cancel_)) return Cancelled("the push was cancelled");
    std::vector<int64_t> chunks;
    for (const auto& [chunk, id] : batch) chunks.push_back(chunk);
    std::vector<Point> points;
    CODERANK_TRY(
        store_.VisitDocuments(chunks, [&](const StoredChunk& chunk, std::string_view text) {
          Point point{.id = batch.at(chunk.id), .payload = PayloadOf(chunk, text), .vector = {}};
          CODERANK_TRY(ReadVector(chunk.text_id, point.vector));
          points.push_back(std::move(point));
          return OkStatus();
        }));
    CODERANK_TRY(client_.Upsert(collection_, points));
    counts_.written += points.size();
    batch.clear();
    return OkStatus();
  }

  Status ReadVector(int64_t text_id, std::vector<float>& vector) const {
    return store_.VectorsOf({&text_id, 1}, dimension_, [&](int64_t, std::span<const uint16_t> row) {
      vector.resize(row.size());
      kernels_.f16_to_f32(row.data(), row.size(), vector.data());
    });
  }

  const IndexStore& store_;
  const kernels::KernelSet& kernels_;
  qdrant::Client& client_;
  const std::string& collection_;
  const CancellationToken* cancel_;
  std::string index_id_;
  size_t dimension_ = 0;
  CollectionMark mark_;
  std::map<PointId, int64_t> wanted_;  // chunks by the ids of their points
  std::vector<PointId> gone_;
  PushCounts counts_;
};

}  // namespace

Result<PushCounts> PushIndex(const IndexStore& store, const kernels::KernelSet& kernels,
                             qdrant::Client& client, const std::string& collection,
                             const CancellationToken* cancel) {
  return Push(store, kernels, client, collection, cancel).Run();
}

}  // namespace coderank
