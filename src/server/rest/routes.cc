#include "server/rest/routes.h"

#include <memory>
#include <string>
#include <utility>

#include "base/try.h"
#include "coderank/version.h"
#include "ops/requests.h"
#include "server/report_json.h"
#include "server/rest/answers.h"
#include "server/rest/embeddings_route.h"
#include "server/rest/openapi.h"
#include "server/rest/rerank_route.h"
#include "server/rest/search_arguments.h"

namespace coderank::server::rest {
namespace {

using http::Exchange;

// Many texts on a slow machine.
constexpr std::chrono::minutes kBatchTime{10};

// A handler that answers with what `call` gives: JSON, or a Status.
template <typename Call>
http::Handler Answering(BoundService& service, Call call) {
  return [&service, call](std::unique_ptr<Exchange> exchange) {
    Result<http::Response> response = call(service, *exchange);
    exchange->Reply(response ? *std::move(response)
                             : ErrorAnswer(response.error(), *exchange, service.roots()));
  };
}

CallContext ContextOf(const Exchange& exchange) {
  return {.cancel = &exchange.cancel(), .progress = {}};
}

Result<http::Response> SearchWith(BoundService& service, const Exchange& exchange,
                                  const ops::Arguments& arguments) {
  const SearchRequest request = ops::SearchRequestFrom(SearchOperation(), arguments);
  CODERANK_ASSIGN(SearchReport report, service.Search(request, ContextOf(exchange)));
  HideHostPaths(exchange.request(), service.roots(), report.notes);
  return JsonAnswer(ToJson(report, {{"query", request.query}}));
}

Result<http::Response> SearchByBody(BoundService& service, const Exchange& exchange) {
  CODERANK_ASSIGN(const auto arguments, ArgumentsFromBody(SearchOperation(), exchange.request()));
  return SearchWith(service, exchange, arguments);
}

Result<http::Response> SearchByQuery(BoundService& service, const Exchange& exchange) {
  CODERANK_ASSIGN(const auto arguments, ArgumentsFromQuery(SearchOperation(), exchange.request()));
  return SearchWith(service, exchange, arguments);
}

Result<http::Response> Related(BoundService& service, const Exchange& exchange) {
  CODERANK_ASSIGN(const auto arguments, ArgumentsFromBody(RelatedOperation(), exchange.request()));
  CODERANK_ASSIGN(const RelatedRequest request,
                  ops::RelatedRequestFrom(RelatedOperation(), arguments));
  CODERANK_ASSIGN(SearchReport report, service.FindRelated(request, ContextOf(exchange)));
  HideHostPaths(exchange.request(), service.roots(), report.notes);
  return JsonAnswer(ToJson(report, {{"place", arguments.Text("place")}}));
}

Result<http::Response> SearchCollections(BoundService& service, const Exchange& exchange) {
  const ops::Operation& operation = ops::CollectionSearchOperation();
  CODERANK_ASSIGN(const auto arguments, ArgumentsFromBody(operation, exchange.request()));
  CODERANK_ASSIGN(const CollectionSearchRequest request,
                  ops::CollectionSearchRequestFrom(operation, arguments));
  CODERANK_ASSIGN(const CollectionSearchReport report,
                  service.SearchCollections(request, ContextOf(exchange)));
  return JsonAnswer(ToJson(report, request.query));
}

Result<http::Response> IndexStatus(BoundService& service, const Exchange& exchange) {
  CODERANK_ASSIGN(const auto arguments,
                  ArgumentsFromQuery(IndexStatusOperation(), exchange.request()));
  const StatusRequest request = ops::StatusRequestFrom(IndexStatusOperation(), arguments);
  CODERANK_ASSIGN(const StatusReport report, service.IndexStatus(request, ContextOf(exchange)));
  return JsonAnswer(ToJson(report));
}

Result<http::Response> Embeddings(BoundService& service, const Exchange& exchange) {
  CODERANK_ASSIGN(std::string body, EmbeddingsAnswer(service, exchange));
  return http::Response{.headers = {}, .body = std::move(body)};
}

void AddRerank(BoundService& service, const char* path, RerankShape shape, http::Router& router) {
  const auto rerank = [shape](BoundService& judge, const Exchange& exchange) {
    const auto answer = RerankAnswer(shape, judge, exchange);
    return answer ? Result<http::Response>(JsonAnswer(*answer)) : answer.error();
  };
  router.Add({.method = "POST",
              .path = path,
              .handler = Answering(service, rerank),
              .body_bytes = kMostRerankBody,
              .time = kBatchTime});
}

// Without folders, models and messages: anybody who reaches the server may ask.
Result<http::Response> Health(BoundService& service, const Exchange&) {
  const Readiness readiness = service.readiness();
  Json json = {{"status", readiness.ready ? "ok" : "loading"}, {"version", Version()}};
  if (!readiness.ready) json["activity"] = readiness.activity;
  if (readiness.error) json["error"] = StatusCodeName(readiness.error->code());
  http::Response response = JsonAnswer(json, readiness.ready ? 200 : 503);
  if (!readiness.ready) response.headers.emplace_back("Retry-After", "1");
  return response;
}

http::Handler ShowMetrics(const Sources& sources) {
  return [metrics = sources.metrics, gauges = sources.gauges](std::unique_ptr<Exchange> exchange) {
    exchange->Reply({.content_type = "text/plain; version=0.0.4; charset=utf-8",
                     .headers = {},
                     .body = metrics->Text(gauges())});
  };
}

http::Handler ShowOpenApi() {
  return [](std::unique_ptr<Exchange> exchange) { exchange->Reply(JsonAnswer(OpenApi())); };
}

}  // namespace

void AddRoutes(const Sources& sources, http::Router& router) {
  BoundService& service = *sources.service;
  router.Add({.method = "GET",
              .path = "/health",
              .handler = Answering(service, Health),
              .open = true,
              .quick = true});
  router.Add({.method = "POST", .path = "/search", .handler = Answering(service, SearchByBody)});
  router.Add({.method = "GET", .path = "/search", .handler = Answering(service, SearchByQuery)});
  router.Add({.method = "POST", .path = "/related", .handler = Answering(service, Related)});
  router.Add({.method = "POST",
              .path = "/collections/search",
              .handler = Answering(service, SearchCollections)});
  router.Add({.method = "GET", .path = "/status", .handler = Answering(service, IndexStatus)});
  router.Add({.method = "POST",
              .path = "/v1/embeddings",
              .handler = Answering(service, Embeddings),
              .body_bytes = kMostEmbeddingsBody,
              .time = kBatchTime});
  AddRerank(service, "/v1/rerank", RerankShape::kV1, router);
  AddRerank(service, "/v2/rerank", RerankShape::kV2, router);
  router.Add({.method = "GET", .path = "/metrics", .handler = ShowMetrics(sources), .quick = true});
  router.Add({.method = "GET", .path = "/openapi.json", .handler = ShowOpenApi(), .quick = true});
}

}  // namespace coderank::server::rest
