// For tests of the protocol: a service whose answers are scripted, and sinks that can be waited
// for.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/mcp/reply_sink.h"
#include "server/service.h"

namespace coderank::server::mcp {

class FakeService : public Service {
 public:
  std::function<Result<SearchReport>(const SearchRequest&, const CallContext&)> on_search =
      [](const SearchRequest&, const CallContext&) { return SearchReport(); };
  std::function<Result<SearchReport>(const RelatedRequest&, const CallContext&)> on_related =
      [](const RelatedRequest&, const CallContext&) { return SearchReport(); };
  std::function<Result<StatusReport>(const StatusRequest&, const CallContext&)> on_status =
      [](const StatusRequest&, const CallContext&) { return StatusReport(); };
  std::function<Result<IndexReport>(const IndexRequest&, const CallContext&)> on_refresh =
      [](const IndexRequest&, const CallContext&) { return IndexReport(); };
  std::function<Result<CollectionSearchReport>(const CollectionSearchRequest&, const CallContext&)>
      on_collections = [](const CollectionSearchRequest&, const CallContext&) {
        return CollectionSearchReport();
      };
  Readiness ready{.ready = true, .activity = {}, .error = {}};

  Readiness readiness() const override { return ready; }
  Result<SearchReport> Search(const SearchRequest& request, const CallContext& context) override {
    return on_search(request, context);
  }
  Result<SearchReport> FindRelated(const RelatedRequest& request,
                                   const CallContext& context) override {
    return on_related(request, context);
  }
  Result<StatusReport> IndexStatus(const StatusRequest& request,
                                   const CallContext& context) override {
    return on_status(request, context);
  }
  Result<IndexReport> Refresh(const IndexRequest& request, const CallContext& context) override {
    return on_refresh(request, context);
  }
  Result<EmbeddingsReport> Embed(std::string_view, std::span<const std::string_view>,
                                 const EmbedRequest&, const CallContext&) override {
    return EmbeddingsReport();
  }
  Result<RerankingReport> Rerank(const RerankingRequest&, const CallContext&) override {
    return RerankingReport();
  }
  Result<CollectionSearchReport> SearchCollections(const CollectionSearchRequest& request,
                                                   const CallContext& context) override {
    return on_collections(request, context);
  }
};

// Keeps what was said about one message.
class CollectingSink : public ReplySink {
 public:
  void Notify(const std::string& text) override {
    const std::lock_guard lock(mutex_);
    notifications_.push_back(nlohmann::json::parse(text));
    changed_.notify_all();
  }
  void Finish(std::optional<Reply> reply) override {
    const std::lock_guard lock(mutex_);
    finished_ = true;
    if (reply) reply_ = nlohmann::json::parse(reply->text);
    changed_.notify_all();
  }

  // The reply; null when the request was cancelled.
  nlohmann::json Wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return finished_; });
    return reply_;
  }
  void WaitForNotification() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !notifications_.empty(); });
  }
  std::vector<nlohmann::json> notifications() {
    const std::lock_guard lock(mutex_);
    return notifications_;
  }
  bool finished() {
    const std::lock_guard lock(mutex_);
    return finished_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool finished_ = false;
  nlohmann::json reply_;
  std::vector<nlohmann::json> notifications_;
};

}  // namespace coderank::server::mcp
