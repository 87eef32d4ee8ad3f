#include "server/serving/mcp_routes.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "server/mcp/coderank_tools.h"
#include "server/rest/hidden_paths.h"

namespace coderank::server {
namespace {

constexpr const char* kPath = "/mcp";
// A comment of event streams, which says that the server is alive.
constexpr const char* kKeepAlive = ":\n\n";

http::Response ResponseOf(int status, mcp::HttpHeaders headers, std::string body) {
  http::Response response{.status = status, .body = std::move(body)};
  const auto type = std::find_if(headers.begin(), headers.end(),
                                 [](const auto& header) { return header.first == "Content-Type"; });
  if (type != headers.end()) {
    response.content_type = std::move(type->second);
    headers.erase(type);
  }
  response.headers = std::move(headers);
  return response;
}

class ExchangeReply : public mcp::HttpReply {
 public:
  explicit ExchangeReply(std::shared_ptr<http::Exchange> exchange)
      : exchange_(std::move(exchange)) {}

  void Reply(int status, mcp::HttpHeaders headers, std::string body) override {
    exchange_->Reply(ResponseOf(status, std::move(headers), std::move(body)));
  }
  void Begin(mcp::HttpHeaders headers) override {
    exchange_->Begin(ResponseOf(200, std::move(headers), ""), kKeepAlive);
  }
  bool Write(std::string_view piece) override { return exchange_->Write(piece); }
  void End() override { exchange_->End(); }

 private:
  const std::shared_ptr<http::Exchange> exchange_;
};

mcp::Redact HidePaths(const BoundService& service) {
  return [&service](std::string_view message, std::string_view said) {
    return rest::WithoutHostPaths(message, service.roots(), said);
  };
}

}  // namespace

void McpRoutes::Add(http::Router& router) {
  for (const char* method : {"POST", "DELETE"}) {
    router.Add({.method = method,
                .path = kPath,
                .handler = [this](std::unique_ptr<http::Exchange> e) { Handle(std::move(e)); },
                .body_bytes = mcp::kMostMessageBytes,
                .time = std::chrono::milliseconds(0)});
  }
}

void McpRoutes::Handle(std::unique_ptr<http::Exchange> exchange) {
  const std::shared_ptr<http::Exchange> shared = std::move(exchange);
  const http::Request& request = shared->request();
  auto left =
      endpoint_.Handle({.method = request.method, .headers = request.headers, .body = request.body},
                       std::make_shared<ExchangeReply>(shared));
  if (left) shared->OnCancel(std::move(left));
}

std::unique_ptr<McpRoutes> CoderankMcpRoutes(BoundService& service, bool has_collections) {
  return std::make_unique<McpRoutes>(
      mcp::CoderankInfo(StrCat("the source trees ", service.roots().Names())),
      mcp::CoderankTools(service,
                         {.redact = HidePaths(service), .has_collections = has_collections}));
}

}  // namespace coderank::server
