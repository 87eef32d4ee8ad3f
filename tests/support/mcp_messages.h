// Messages that a client of MCP sends.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace coderank::testing {

inline nlohmann::json McpRequest(const nlohmann::json& id, const std::string& method,
                                 nlohmann::json params = nlohmann::json::object()) {
  return {{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}};
}

inline nlohmann::json McpNotification(const std::string& method,
                                      nlohmann::json params = nlohmann::json::object()) {
  return {{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}};
}

inline nlohmann::json McpInitialize(const nlohmann::json& id,
                                    const std::string& revision = "2025-11-25") {
  return McpRequest(id, "initialize",
                    {{"protocolVersion", revision},
                     {"capabilities", nlohmann::json::object()},
                     {"clientInfo", {{"name", "test"}, {"version", "1"}}}});
}

inline nlohmann::json McpCall(const nlohmann::json& id, const std::string& tool,
                              nlohmann::json arguments = nlohmann::json::object()) {
  return McpRequest(id, "tools/call", {{"name", tool}, {"arguments", std::move(arguments)}});
}

}  // namespace coderank::testing
