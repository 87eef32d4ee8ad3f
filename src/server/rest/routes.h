// The routes of the plain HTTP API:
//
//   GET  /health            200, or 503 while models are loaded and indexes begun; needs no token
//   POST /search            the operation `search`, arguments in JSON
//   GET  /search?q=...      the same, arguments in the URL
//   POST /related           the operation `find-related`
//   GET  /status            the operation `status`
//   POST /v1/embeddings     in OpenAI's shape
//   POST /v1/rerank, /v2/rerank    in Cohere's and Jina's shapes
//   GET  /metrics           for Prometheus
//   GET  /openapi.json      all of this, for programs
#pragma once

#include <functional>
#include <vector>

#include "http/router.h"
#include "server/bound_service.h"
#include "server/metrics.h"

namespace coderank::server::rest {

// Everything is borrowed and must outlive the router. `gauges` is asked at each GET /metrics.
struct Sources {
  BoundService* service = nullptr;
  const Metrics* metrics = nullptr;
  std::function<std::vector<Gauge>()> gauges;
};

void AddRoutes(const Sources& sources, http::Router& router);

}  // namespace coderank::server::rest
