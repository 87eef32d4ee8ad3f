// EngineService: a Service on warm engines of this process.
//
// Several engines answer searches at once, one makes the indexes that they wait for, one refreshes
// indexes at the lowest priority; they share the models, so each is in memory once. What comes
// faster than it is answered waits in queues of bounded length.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "coderank/engine.h"
#include "server/first_indexes.h"
#include "server/index_thread.h"
#include "server/service.h"
#include "server/turnstile.h"

namespace coderank::server {

struct ServiceOptions {
  EngineOptions engine;
  size_t searchers = 0;      // engines for searches; 0: two a core, at least eight
  size_t most_waiting = 64;  // searches behind those that run
  size_t most_waiting_indexes = 16;
  // Folders to make ready: the index of each is begun, or gone on with, before anybody asks.
  std::vector<std::filesystem::path> folders;
};

// What is under way, for metrics.
struct ServiceLoad {
  Turnstile::Load searches;
  Turnstile::Load batches;
  size_t waiting_indexes = 0;
};

class EngineService : public Service {
 public:
  // Quick: models are loaded and indexes built behind it, once Start has been called.
  static Result<std::unique_ptr<EngineService>> Open(ServiceOptions options);
  ~EngineService() override;

  void Start();
  ServiceLoad load() const;
  // Reads settings, and nothing that an engine changes.
  bool HasQdrantServer() const { return first_indexer_.HasQdrantServer(); }

  Readiness readiness() const override;
  Result<SearchReport> Search(const SearchRequest& request, const CallContext& context) override;
  Result<SearchReport> FindRelated(const RelatedRequest& request,
                                   const CallContext& context) override;
  Result<StatusReport> IndexStatus(const StatusRequest& request,
                                   const CallContext& context) override;
  Result<IndexReport> Refresh(const IndexRequest& request, const CallContext& context) override;
  Result<EmbeddingsReport> Embed(std::string_view model, std::span<const std::string_view> texts,
                                 const EmbedRequest& request, const CallContext& context) override;
  Result<RerankingReport> Rerank(const RerankingRequest& request,
                                 const CallContext& context) override;
  Result<CollectionSearchReport> SearchCollections(const CollectionSearchRequest& request,
                                                   const CallContext& context) override;

 private:
  EngineService(ServiceOptions options, std::vector<Engine> searchers, Engine first_indexer,
                Engine indexer);

  using Ask = std::function<Result<SearchReport>(Engine& searcher)>;
  // Lets an engine answer, once all trees of the search have an index.
  Result<SearchReport> AnswerIndexed(const SearchRequest& search, const CallContext& context,
                                     const Ask& ask);
  void WarmUp();
  Status WarmFolder(size_t number);
  void IndexInTurns(const std::filesystem::path& folder);
  void SetActivity(std::string activity);

  const ServiceOptions options_;
  Turnstile searches_;
  Turnstile batches_;              // of texts to embed or to judge
  std::vector<Engine> searchers_;  // by place in `searches_`
  Engine first_indexer_;           // used on `first_indexing_` only
  Engine indexer_;                 // used on `indexing_` only
  CancellationToken stopping_;
  mutable std::mutex mutex_;
  Readiness readiness_;  // guarded by mutex_
  std::thread warm_up_;
  FirstIndexes first_indexes_;
  IndexThread first_indexing_;  // of first_indexes_
  IndexThread indexing_;        // last: ends first, as its tasks use the rest
};

}  // namespace coderank::server
