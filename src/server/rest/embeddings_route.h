// POST /v1/embeddings in OpenAI's shape.
#pragma once

#include "coderank/result.h"
#include "http/exchange.h"
#include "server/report_json.h"
#include "server/service.h"

namespace coderank::server::rest {

// Texts of one request, as OpenAI limits them.
inline constexpr size_t kMostTexts = 2048;
// 2,048 chunks of code fit several times.
inline constexpr size_t kMostEmbeddingsBody = size_t{16} << 20;

// The body of the answer.
Result<std::string> EmbeddingsAnswer(Service& service, const http::Exchange& exchange);

// The body's JSON Schema, and the answer's.
Json EmbeddingsRequestSchema();
Json EmbeddingsResponseSchema();

}  // namespace coderank::server::rest
