// MCP over the HTTP server: POST and DELETE /mcp.
#pragma once

#include <memory>
#include <utility>

#include "http/router.h"
#include "server/bound_service.h"
#include "server/mcp/http_endpoint.h"
#include "server/mcp/server.h"

namespace coderank::server {

// The protocol's part of a process: the threads of its calls and its sessions.
class McpRoutes {
 public:
  McpRoutes(mcp::ServerInfo info, mcp::ToolSet tools)
      : server_(std::move(info), std::move(tools)), endpoint_(server_) {}

  // The router's server must have stopped before this is destroyed.
  void Add(http::Router& router);

 private:
  void Handle(std::unique_ptr<http::Exchange> exchange);

  mcp::Server server_;
  mcp::HttpEndpoint endpoint_;
};

// coderank's tools for clients on other machines too: messages name no folder of this one but by
// its root. The service is borrowed.
std::unique_ptr<McpRoutes> CoderankMcpRoutes(BoundService& service, bool has_collections);

}  // namespace coderank::server
