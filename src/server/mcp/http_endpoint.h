// MCP over Streamable HTTP: what is answered to POST, GET and DELETE of one path.
//
// Each POST carries a message and is answered with JSON, or with an event stream when there is
// progress to report. A session begins with `initialize` and is named by Mcp-Session-Id from then
// on; requests of 2026-07-28 stand for themselves. No stream is offered to GET, as there is nothing
// to say unasked, and streams cannot be resumed. Tokens, Host and Origin, and limits of size and
// time are the HTTP server's business.
#pragma once

#include <cstddef>
#include <memory>

#include "server/mcp/http_message.h"
#include "server/mcp/http_reply_sink.h"
#include "server/mcp/server.h"
#include "server/mcp/session_store.h"

namespace coderank::server::mcp {

// Thread-safe.
class HttpEndpoint {
 public:
  // A session takes about a kilobyte.
  explicit HttpEndpoint(Server& server, size_t most_sessions = 1024)
      : server_(server), sessions_(most_sessions) {}

  // Answers now or later, on another thread. Calling the result, which is safe at any time, says
  // that the client has left: what runs for it is stopped. Null when nothing runs.
  std::function<void()> Handle(const HttpRequest& request, const std::shared_ptr<HttpReply>& reply);

 private:
  std::function<void()> Post(const HttpRequest& request, const std::shared_ptr<HttpReply>& reply);
  std::function<void()> PostAlone(const HttpRequest& request, Input document,
                                  const std::shared_ptr<HttpReply>& reply);
  std::function<void()> PostInitialize(const HttpRequest& request, Input document,
                                       const std::shared_ptr<HttpReply>& reply);
  std::function<void()> PostToSession(const HttpRequest& request, Input document,
                                      const std::shared_ptr<HttpReply>& reply);
  void Delete(const HttpRequest& request, HttpReply& reply);

  Server& server_;
  SessionStore sessions_;
};

}  // namespace coderank::server::mcp
