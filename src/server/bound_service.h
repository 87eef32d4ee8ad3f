// BoundService: a Service for a caller who may see some folders only.
#pragma once

#include "server/roots.h"
#include "server/service.h"

namespace coderank::server {

// Directories in requests are resolved by Roots::Resolve, a search that names none is of all roots;
// everything else is passed on. The service is borrowed and must outlive this.
class BoundService : public Service {
 public:
  BoundService(Service& service, Roots roots) : service_(service), roots_(std::move(roots)) {}

  const Roots& roots() const { return roots_; }

  Readiness readiness() const override { return service_.readiness(); }
  Result<SearchReport> Search(const SearchRequest& request, const CallContext& context) override;
  Result<SearchReport> FindRelated(const RelatedRequest& request,
                                   const CallContext& context) override;
  Result<StatusReport> IndexStatus(const StatusRequest& request,
                                   const CallContext& context) override;
  Result<IndexReport> Refresh(const IndexRequest& request, const CallContext& context) override;
  Result<EmbeddingsReport> Embed(std::string_view model, std::span<const std::string_view> texts,
                                 const EmbedRequest& request, const CallContext& context) override {
    return service_.Embed(model, texts, request, context);
  }
  Result<RerankingReport> Rerank(const RerankingRequest& request,
                                 const CallContext& context) override {
    return service_.Rerank(request, context);
  }
  Result<CollectionSearchReport> SearchCollections(const CollectionSearchRequest& request,
                                                   const CallContext& context) override {
    return service_.SearchCollections(request, context);
  }

 private:
  void NameFolders(SearchReport& report) const;

  Service& service_;
  Roots roots_;
};

}  // namespace coderank::server
