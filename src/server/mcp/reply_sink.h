// Where the messages about one request go.
#pragma once

#include <optional>
#include <string>

#include "server/mcp/json_rpc.h"

namespace coderank::server::mcp {

struct Reply {
  std::string text;               // a response, or an array of them
  std::optional<int> error_code;  // of a response that is an error
};

inline Reply ErrorReply(const Json& id, const RpcError& error) {
  return {.text = ErrorText(id, error), .error_code = error.code};
}

// Called on any thread. Calls about one request come one after the other: notifications, then
// Finish once. Must not throw, and may block to slow down who writes.
class ReplySink {
 public:
  virtual ~ReplySink() = default;
  virtual void Notify(const std::string& text) = 0;
  // No reply: the request was cancelled, and is not answered.
  virtual void Finish(std::optional<Reply> reply) = 0;
};

}  // namespace coderank::server::mcp
