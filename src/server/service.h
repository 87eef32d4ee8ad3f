// What the front ends ask of the engines. One object for all connections of a process.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "coderank/cancellation.h"
#include "coderank/collections.h"
#include "coderank/indexing.h"
#include "coderank/models.h"
#include "coderank/rerank.h"
#include "coderank/result.h"
#include "coderank/search.h"

namespace coderank::server {

// Of one call. The token is cancelled when the caller left, gave up or ran out of time.
struct CallContext {
  const CancellationToken* cancel = nullptr;  // may be null
  ProgressSink progress;                      // may be empty; called on another thread
  // Of a search in a tree that has no index yet: its making goes on when the call is cancelled,
  // because the caller will ask again.
  bool keeps_first_index = false;
};

// What has become of the work that a process does before its first answer.
struct Readiness {
  bool ready = false;
  std::string activity;         // "loading CodeRankEmbed"; empty when ready
  std::optional<Status> error;  // it failed: answers go on without (words alone)
};

struct EmbeddingsReport {
  std::string model;
  std::vector<TextEmbedding> embeddings;  // one a text, in order
};

struct RerankingRequest {
  std::string model;  // empty: the only cross-encoder, or the known one among several
  std::string query;
  std::vector<std::string> documents;
};

struct RerankingReport {
  std::string model;
  std::vector<RerankScore> scores;  // one a document, in order
};

// All calls may come from any thread at once and block until they have an answer. A full queue is
// kResourceExhausted, a cancelled call kCancelled.
class Service {
 public:
  virtual ~Service() = default;
  virtual Readiness readiness() const = 0;
  virtual Result<SearchReport> Search(const SearchRequest& request, const CallContext& context) = 0;
  virtual Result<SearchReport> FindRelated(const RelatedRequest& request,
                                           const CallContext& context) = 0;
  virtual Result<StatusReport> IndexStatus(const StatusRequest& request,
                                           const CallContext& context) = 0;
  virtual Result<IndexReport> Refresh(const IndexRequest& request, const CallContext& context) = 0;
  // `model` empty: the default one.
  virtual Result<EmbeddingsReport> Embed(std::string_view model,
                                         std::span<const std::string_view> texts,
                                         const EmbedRequest& request,
                                         const CallContext& context) = 0;
  virtual Result<RerankingReport> Rerank(const RerankingRequest& request,
                                         const CallContext& context) = 0;
  virtual Result<CollectionSearchReport> SearchCollections(const CollectionSearchRequest& request,
                                                           const CallContext& context) = 0;
};

}  // namespace coderank::server
