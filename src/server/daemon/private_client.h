// Asks the running server of this user.
#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include "server/report_json.h"
#include "server/service.h"

namespace coderank::server {

// A Service in another process; one connection a call.
//
// Every failure is the caller's cue to do without: kUnavailable where there is no server, where it
// has another identity (IdentityOf), stopped answering or crashed; otherwise its own error.
class PrivateClient : public Service {
 public:
  PrivateClient(std::filesystem::path socket, std::string identity)
      : socket_(std::move(socket)), identity_(std::move(identity)) {}

  // Whether calls can be made now: what is behind may still be loading.
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
  Result<Json> Exchange(const char* method, Json request, const CallContext& context) const;
  template <typename Report, typename Request>
  Result<Report> Call(const char* method, const Request& request, const CallContext& context) const;

  std::filesystem::path socket_;
  std::string identity_;
};

}  // namespace coderank::server
