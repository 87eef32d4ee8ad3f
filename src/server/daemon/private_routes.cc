#include "server/daemon/private_routes.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/json.h"
#include "server/daemon/embeddings_request.h"
#include "server/daemon/identity.h"
#include "server/daemon/wire.h"

namespace coderank::server {
namespace {

// Ill-formed UTF-8 does not survive JSON. File names have it at times, and then no call is made.
std::string Line(const Json& json) { return ToText(json) + "\n"; }

// `call` makes a report of the request.
template <typename Request, typename Call>
void Answer(http::Exchange& exchange, const std::string& identity, const Call& call) {
  const Json body = Json::parse(exchange.request().body, nullptr, /*allow_exceptions=*/false);
  if (!body.is_object() || !body.contains("identity") || !body.contains("request")) {
    exchange.Reply(http::ErrorResponse(400, "invalid_argument", "expected identity and request"));
    return;
  }
  if (body["identity"] != identity) {
    exchange.Reply(http::ErrorResponse(
        409, "failed_precondition",
        "this server is of another version, or has other settings or another environment"));
    return;
  }
  const auto request = wire::Decode<Request>(body["request"]);
  if (!request) {
    exchange.Reply(http::ErrorResponse(400, "invalid_argument", request.error().message()));
    return;
  }
  exchange.Begin({.content_type = "application/jsonl", .headers = {}, .body = {}}, "\n");
  const CallContext context{.cancel = &exchange.cancel(),
                            .progress =
                                [&exchange](const IndexProgress& progress) {
                                  exchange.Write(Line({{"progress", wire::Encode(progress)}}));
                                },
                            .keeps_first_index = body.value("keeps_first_index", Json()) == true};
  const auto report = call(*request, context);
  exchange.Write(Line(report ? Json{{"answer", wire::Encode(*report)}}
                             : Json{{"error", wire::EncodeError(report.error())}}));
  exchange.End();
}

// 2,048 chunks to embed fit several times.
constexpr size_t kMostBody = size_t{64} << 20;

template <typename Request, typename Call>
http::Route RouteOf(const char* path, const std::string& identity, Call call) {
  return {.method = "POST",
          .path = path,
          .handler =
              [identity, call](std::unique_ptr<http::Exchange> exchange) {
                Answer<Request>(*exchange, identity, call);
              },
          .body_bytes = kMostBody,
          .time = std::chrono::milliseconds(0)};  // whoever asks can leave
}

}  // namespace

void AddPrivateRoutes(Service& service, const EngineOptions& options, http::Router& router) {
  const std::string identity = IdentityOf(options);
  router.Add(RouteOf<SearchRequest>("/call/search", identity,
                                    [&service](const auto& request, const CallContext& context) {
                                      return service.Search(request, context);
                                    }));
  router.Add(RouteOf<RelatedRequest>("/call/related", identity,
                                     [&service](const auto& request, const CallContext& context) {
                                       return service.FindRelated(request, context);
                                     }));
  router.Add(RouteOf<StatusRequest>("/call/status", identity,
                                    [&service](const auto& request, const CallContext& context) {
                                      return service.IndexStatus(request, context);
                                    }));
  router.Add(RouteOf<IndexRequest>("/call/refresh", identity,
                                   [&service](const auto& request, const CallContext& context) {
                                     return service.Refresh(request, context);
                                   }));
  router.Add(RouteOf<EmbeddingsRequest>(
      "/call/embed", identity,
      [&service](const EmbeddingsRequest& request, const CallContext& context) {
        const std::vector<std::string_view> texts(request.texts.begin(), request.texts.end());
        return service.Embed(request.model, texts,
                             {.query = request.query, .normalize = request.normalize}, context);
      }));
  router.Add(RouteOf<RerankingRequest>("/call/rerank", identity,
                                       [&service](const auto& request, const CallContext& context) {
                                         return service.Rerank(request, context);
                                       }));
  router.Add(
      RouteOf<CollectionSearchRequest>("/call/search_collections", identity,
                                       [&service](const auto& request, const CallContext& context) {
                                         return service.SearchCollections(request, context);
                                       }));
}

}  // namespace coderank::server
