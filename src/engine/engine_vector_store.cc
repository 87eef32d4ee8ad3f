// Engine: indexes whose vectors are searched in a collection of a Qdrant server.
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "engine/collection_source.h"
#include "engine/engine_state.h"
#include "engine/progress_reporter.h"
#include "engine/searched_index.h"
#include "engine/vector_mean.h"
#include "engine/vector_place.h"
#include "migration/index_push.h"

namespace coderank {
namespace {

// Before its first run has cut a file.
Result<bool> IsNew(const IndexStore& store) {
  CODERANK_ASSIGN(const std::string chunking, store.Meta(kMetaChunking));
  return chunking.empty();
}

Result<VectorStore> WantedStore(const IndexStore& store, const IndexRequest& request,
                                const Config& user_config) {
  if (request.store != VectorStore::kAsIndexed) return request.store;
  CODERANK_ASSIGN(const bool is_new, IsNew(store));
  const bool by_setting = is_new && user_config.vector_store.value == kStoreQdrant;
  return by_setting ? VectorStore::kQdrant : VectorStore::kAsIndexed;
}

constexpr auto kTheTexts = []() -> Result<std::string> { return std::string("the texts"); };

std::string NameOf(const VectorPlace& place) {
  return StrCat("collection ", place.collection, " on ", place.url);
}

}  // namespace

Status Engine::State::PlaceVectors(IndexStore& store, const IndexLocation& location,
                                   const IndexRequest& request, const Config& user_config,
                                   Patience patience, const CancellationToken* cancel) {
  CODERANK_ASSIGN(const VectorPlace before, ReadVectorPlace(store));
  CODERANK_ASSIGN(const VectorStore wanted, WantedStore(store, request, user_config));
  VectorPlace place = before;
  if (wanted == VectorStore::kEmbedded) place = {};
  if (wanted == VectorStore::kQdrant) {
    if (!user_config.qdrant_url.value.empty() || before.url.empty()) {
      CODERANK_ASSIGN(const qdrant::Client named, OpenQdrant(user_config, cancel));
      place.url = named.url();
    }
    if (!request.collection.empty()) {
      place.collection = request.collection;
    } else if (!before.in_collection() || place.url != before.url) {
      place.collection = DefaultCollection(location.root, location.id);
    }
  }
  if (place.in_collection()) {
    CODERANK_TRY(
        CheckAgreed(place.url, location.root, request.agreed, [&] { return TextsOf(store); }));
  }
  if (place == before) return OkStatus();
  if (place.in_collection()) {
    CODERANK_ASSIGN(qdrant::Client client, OpenQdrantAt(place.url, patience, cancel));
    CODERANK_TRY(CheckPushTarget(store, client, place.collection));
  }
  if (before.in_collection()) Note(StrCat(NameOf(before), " stays as it is"));
  return WriteVectorPlace(store, place);
}

Status Engine::State::FollowInCollection(IndexStore& store, const RunSettings& settings,
                                         std::optional<IndexCollection>& report,
                                         const ProgressSink& progress,
                                         const CancellationToken* cancel) {
  CODERANK_ASSIGN(const VectorPlace place, ReadVectorPlace(store));
  if (!place.in_collection()) return OkStatus();
  if (!report) report = IndexCollection{.url = place.url, .name = place.collection};
  CODERANK_ASSIGN(const std::string fingerprint, store.Meta(kMetaFingerprint));
  if (fingerprint.empty()) return OkStatus();  // it never had vectors
  ProgressReporter reporter(progress);
  const auto tell = [&reporter](uint64_t done, uint64_t all) {
    reporter.state() = {
        .phase = IndexProgress::Phase::kSending, .chunks_done = done, .chunks_total = all};
    reporter.Report();
  };
  const auto follow = [&]() -> Status {
    CODERANK_TRY(CheckAgreed(place.url, settings.location.root, /*agreed=*/false, kTheTexts));
    if (settings.may_lag && settings.patience == Patience::kWork) {
      // One that is away is noticed soon; one that is there gets the time its work takes.
      CODERANK_ASSIGN(qdrant::Client look, OpenQdrantAt(place.url, Patience::kSearch, cancel));
      const auto answered = look.Version();
      if (!answered) return answered.error();
    }
    CODERANK_ASSIGN(qdrant::Client client, OpenQdrantAt(place.url, settings.patience, cancel));
    CODERANK_ASSIGN(const PushCounts pushed,
                    coderank::PushIndex(store, *kernels, client, place.collection,
                                        {.only_if_behind = true,
                                         .ledger_folder = settings.location.folder,
                                         .progress = tell,
                                         .cancel = cancel}));
    report->points = pushed.points;
    report->written += pushed.written;
    report->removed += pushed.removed;
    CODERANK_TRY(KeepVectorMean(store, *kernels, pushed.points, pushed.written + pushed.removed));
    return RecordFollowed(store);
  };
  Status followed = follow();
  if (followed.ok() || followed.code() == StatusCode::kCancelled) return followed;
  return followed.WithContext(StrCat(NameOf(place),
                                     " lacks what was indexed last; `coderank index ",
                                     settings.location.root, "` goes on with it"));
}

// An index that somebody else made could name any server.
Result<qdrant::Client*> Engine::State::ServerOf(const SearchedIndex& index,
                                                const CancellationToken* cancel) {
  if (index.location.id.empty()) {
    return PermissionDenied("a server that another user's index names is not asked");
  }
  OpenedIndex& opened_index = *index.opened;
  const std::string& url = opened_index.place.url;
  CODERANK_TRY(CheckAgreed(url, index.location.root, /*agreed=*/false, kTheTexts));
  if (!opened_index.server) {
    CODERANK_ASSIGN(opened_index.server, OpenQdrantAt(url, Patience::kSearch, cancel));
  }
  opened_index.server->set_cancel(cancel);
  return &*opened_index.server;
}

Result<std::unique_ptr<DenseSource>> Engine::State::DenseSourceOf(const SearchedIndex& index,
                                                                  const Question& question) {
  std::unique_ptr<DenseSource> source;
  const OpenedIndex& held = *index.opened;
  if (question.vector.empty()) return source;
  if (const VectorIndex* const vectors = held.segments.vectors(); vectors != nullptr) {
    source = std::make_unique<SegmentSource>(
        *vectors, ScanResources{.kernels = *kernels, .pool = Pool(index.config)});
    return source;
  }
  CODERANK_ASSIGN(const size_t dimension, held.store.VectorDimension());
  if (!held.place.in_collection() || dimension == 0) return source;
  CODERANK_ASSIGN(std::vector<float> mean, VectorMean(held.store, *kernels));
  CODERANK_ASSIGN(const bool followed, HasFollowed(held.store));
  if (!followed) {
    Note(StrCat(NameOf(held.place), " lacks what was indexed last; `coderank index ",
                index.location.root, "` brings it up to date"));
  }
  source = std::make_unique<CollectionSource>(
      held.store, *kernels,
      CollectionAccess{.client = ServerOf(index, question.cancel),
                       .collection = held.place.collection,
                       .exact = question.request.exact},
      std::move(mean));
  return source;
}

}  // namespace coderank
