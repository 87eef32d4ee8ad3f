// SharedService: a Service on the running server of this user, where there is one, else on engines
// of this process.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "coderank/engine.h"
#include "server/daemon/private_client.h"
#include "server/engine_service.h"

namespace coderank::server {

// Engines of its own are opened when no server answers at the beginning, or when one stops to: what
// happens to the server costs time and nothing else.
class SharedService : public Service {
 public:
  // `server`: no value where none is to be asked.
  static Result<std::unique_ptr<SharedService>> Open(EngineOptions engine,
                                                     std::optional<PrivateClient> server);

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
  SharedService(EngineOptions engine, std::optional<PrivateClient> server)
      : engine_(std::move(engine)), server_(std::move(server)) {}

  // Asks the server, and where that does not answer, the engines here.
  template <typename Ask>
  auto Try(const Ask& ask) -> decltype(ask(std::declval<Service&>()));
  Result<Service*> Own();

  const EngineOptions engine_;
  std::optional<PrivateClient> server_;  // thread-safe
  mutable std::mutex mutex_;
  std::unique_ptr<EngineService> own_;  // guarded by mutex_; once set, it stays
};

}  // namespace coderank::server
