// POST /v1/rerank and /v2/rerank: documents in the order in which they answer a query, in the
// shapes of Cohere and Jina.
#pragma once

#include "coderank/result.h"
#include "http/exchange.h"
#include "server/report_json.h"
#include "server/service.h"

namespace coderank::server::rest {

// Of one request.
inline constexpr size_t kMostDocuments = 1000;
// A thousand whole files of 16 KiB.
inline constexpr size_t kMostRerankBody = size_t{16} << 20;

enum class RerankShape {
  kV1,  // documents may be {"text": ...}, and can be sent back
  kV2,  // documents are strings
};

Result<Json> RerankAnswer(RerankShape shape, Service& service, const http::Exchange& exchange);

// The body's JSON Schema, and the answer's.
Json RerankRequestSchema(RerankShape shape);
Json RerankResponseSchema();

}  // namespace coderank::server::rest
