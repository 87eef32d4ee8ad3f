// What programs of the same user ask a running server, over its private socket:
//
//   POST /call/search, related, status, refresh, embed, rerank
//   {"identity": ..., "keeps_first_index": ..., "request": ...}
//
// The calls of Service, written as wire.h says. The answer is a line of JSON for each progress
// report ({"progress": ...}), and one with the
// {"answer": ...} or {"error": ...} at the end. Empty lines say that the server is alive.
#pragma once

#include "coderank/engine.h"
#include "http/router.h"
#include "server/service.h"

namespace coderank::server {

// The service is borrowed. `options`: those that it was made with.
void AddPrivateRoutes(Service& service, const EngineOptions& options, http::Router& router);

}  // namespace coderank::server
