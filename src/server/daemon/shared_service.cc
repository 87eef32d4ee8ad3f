#include "server/daemon/shared_service.h"

#include <utility>

#include "base/try.h"

namespace coderank::server {
namespace {

// The server is gone, or has too much to do; everything else it says would be said here too.
bool MayBeBetterHere(const Status& error) {
  return error.code() == StatusCode::kUnavailable || error.code() == StatusCode::kResourceExhausted;
}

}  // namespace

Result<std::unique_ptr<SharedService>> SharedService::Open(EngineOptions engine,
                                                           std::optional<PrivateClient> server) {
  std::unique_ptr<SharedService> service(new SharedService(std::move(engine), std::move(server)));
  const bool answers = service->server_ && service->server_->readiness().ready;
  if (answers) return service;
  if (const auto own = service->Own(); !own) return own.error();
  return service;
}

Result<Service*> SharedService::Own() {
  const std::lock_guard lock(mutex_);
  if (own_ == nullptr) {
    CODERANK_ASSIGN(own_, EngineService::Open({.engine = engine_, .folders = {}}));
    own_->Start();
  }
  return static_cast<Service*>(own_.get());
}

template <typename Ask>
auto SharedService::Try(const Ask& ask) -> decltype(ask(std::declval<Service&>())) {
  if (server_) {
    auto report = ask(static_cast<Service&>(*server_));
    if (report || !MayBeBetterHere(report.error())) return report;
  }
  CODERANK_ASSIGN(Service* const own, Own());
  return ask(*own);
}

Readiness SharedService::readiness() const {
  const std::lock_guard lock(mutex_);
  return own_ == nullptr ? server_->readiness() : own_->readiness();
}

Result<SearchReport> SharedService::Search(const SearchRequest& request,
                                           const CallContext& context) {
  return Try([&](Service& service) { return service.Search(request, context); });
}

Result<SearchReport> SharedService::FindRelated(const RelatedRequest& request,
                                                const CallContext& context) {
  return Try([&](Service& service) { return service.FindRelated(request, context); });
}

Result<StatusReport> SharedService::IndexStatus(const StatusRequest& request,
                                                const CallContext& context) {
  return Try([&](Service& service) { return service.IndexStatus(request, context); });
}

Result<IndexReport> SharedService::Refresh(const IndexRequest& request,
                                           const CallContext& context) {
  return Try([&](Service& service) { return service.Refresh(request, context); });
}

Result<EmbeddingsReport> SharedService::Embed(std::string_view model,
                                              std::span<const std::string_view> texts,
                                              const EmbedRequest& request,
                                              const CallContext& context) {
  return Try([&](Service& service) { return service.Embed(model, texts, request, context); });
}

Result<RerankingReport> SharedService::Rerank(const RerankingRequest& request,
                                              const CallContext& context) {
  return Try([&](Service& service) { return service.Rerank(request, context); });
}

Result<CollectionSearchReport> SharedService::SearchCollections(
    const CollectionSearchRequest& request, const CallContext& context) {
  return Try([&](Service& service) { return service.SearchCollections(request, context); });
}

}  // namespace coderank::server
