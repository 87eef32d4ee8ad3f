// What a client sends to the HTTP API, behind the HTTP parser: bodies and URL queries of every
// route. The first byte chooses the route.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "http/exchange.h"
#include "http/url_query.h"
#include "ops/requests.h"
#include "server/daemon/wire.h"
#include "server/rest/embeddings_route.h"
#include "server/rest/hidden_paths.h"
#include "server/rest/rerank_route.h"
#include "server/rest/search_arguments.h"
#include "server/service.h"

namespace coderank::server {
namespace {

// Gives every text a vector or a score, and knows nothing else.
class ModelService : public Service {
 public:
  Readiness readiness() const override { return {.ready = true, .activity = {}, .error = {}}; }
  Result<SearchReport> Search(const SearchRequest&, const CallContext&) override { return None(); }
  Result<SearchReport> FindRelated(const RelatedRequest&, const CallContext&) override {
    return None();
  }
  Result<StatusReport> IndexStatus(const StatusRequest&, const CallContext&) override {
    return None();
  }
  Result<IndexReport> Refresh(const IndexRequest&, const CallContext&) override { return None(); }
  Result<EmbeddingsReport> Embed(std::string_view model, std::span<const std::string_view> texts,
                                 const EmbedRequest&, const CallContext&) override {
    EmbeddingsReport report{.model = std::string(model), .embeddings = {}};
    report.embeddings.resize(texts.size(), {.vector = {0.5F, -1.0F}, .token_ids = {1}});
    return report;
  }
  Result<RerankingReport> Rerank(const RerankingRequest& request, const CallContext&) override {
    RerankingReport report{.model = request.model, .scores = {}};
    report.scores.resize(request.documents.size());
    return report;
  }

 private:
  static Status None() { return Unavailable("not here"); }
};

void ReadBody(const ops::Operation& operation, std::string body) {
  const http::Request request{.headers = {{"content-type", "application/json"}},
                              .body = std::move(body)};
  const auto arguments = rest::ArgumentsFromBody(operation, request);
  if (arguments) (void)ops::SearchRequestFrom(operation, *arguments);
}

void ReadQuery(const ops::Operation& operation, std::string_view text) {
  auto query = http::ParseQuery(text);
  if (!query) return;
  const http::Request request{.query = *std::move(query), .headers = {}};
  const auto arguments = rest::ArgumentsFromQuery(operation, request);
  if (arguments) (void)ops::StatusRequestFrom(operation, *arguments);
}

// In the shapes of others.
void AskModels(std::string body) {
  static ModelService service;
  http::Request request{.headers = {{"content-type", "application/json"}}, .body = std::move(body)};
  const http::Exchange exchange(std::make_shared<http::ExchangeState>(std::move(request), [] {}));
  (void)rest::EmbeddingsAnswer(service, exchange);
  (void)rest::RerankAnswer(rest::RerankShape::kV1, service, exchange);
  (void)rest::RerankAnswer(rest::RerankShape::kV2, service, exchange);
}

void ReadWire(const std::string& text) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return;
  if (const auto related = wire::Decode<RelatedRequest>(json)) (void)wire::Encode(*related);
  if (const auto report = wire::Decode<SearchReport>(json)) (void)wire::Encode(*report);
  (void)wire::Decode<StatusReport>(json);
  (void)wire::Decode<IndexProgress>(json);
  (void)wire::DecodeError(json);
}

}  // namespace
}  // namespace coderank::server

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace coderank::server;
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data + 1), size - 1);
  switch (data[0] % 7) {
    case 0:
      ReadBody(rest::SearchOperation(), text);
      break;
    case 1:
      ReadBody(rest::RelatedOperation(), text);
      break;
    case 2:
      ReadQuery(rest::SearchOperation(), text);
      break;
    case 3:
      ReadQuery(rest::IndexStatusOperation(), text);
      break;
    case 4:
      AskModels(text);
      break;
    case 5:
      ReadWire(text);
      break;
    default:
      (void)rest::WithoutHostPaths(text, *Roots::Of({"/usr"}), text.substr(0, text.size() / 2));
  }
  return 0;
}
