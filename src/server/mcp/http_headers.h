// The headers of Streamable HTTP.
#pragma once

#include <optional>
#include <string_view>

#include "server/mcp/http_message.h"
#include "server/mcp/json_rpc.h"

namespace coderank::server::mcp {

// In lower case, as requests have them.
inline constexpr std::string_view kSessionHeader = "mcp-session-id";
inline constexpr std::string_view kRevisionHeader = "mcp-protocol-version";
inline constexpr std::string_view kMethodHeader = "mcp-method";
inline constexpr std::string_view kNameHeader = "mcp-name";

bool HasJsonBody(const HttpRequest& request);

struct Accepted {
  bool json = false;
  bool stream = false;
};
// What the client can read. Without a header: anything, so JSON, the simpler one.
Accepted AcceptedBy(const HttpRequest& request);

// Requests of 2026-07-28 repeat in headers what proxies may route by; a server must refuse those
// whose headers say something else than the body.
std::optional<RpcError> HeaderMismatch(const HttpRequest& request, const Input& document);

}  // namespace coderank::server::mcp
