// ServiceConnection: one request at a time to an embedding service, from any number of threads.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "coderank/cancellation.h"
#include "coderank/log.h"
#include "coderank/result.h"
#include "net/http_client.h"
#include "remote/embedding_api.h"
#include "remote/rate_limit.h"
#include "remote/remote_model.h"

namespace coderank::remote {

// Tokens that a text has, where nobody counted them: code has about three bytes a token, prose more
// than four.
uint64_t AboutTokens(uint64_t bytes);

// Thread-safe.
class ServiceConnection {
 public:
  // `key` "": none is sent. kPermissionDenied where the key would be readable on its way.
  static Result<std::unique_ptr<ServiceConnection>> Open(RemoteModel model,
                                                         std::string key_variable, std::string key,
                                                         LogSink log);

  // One vector of each text. `dimension` 0: not known yet. kResourceExhausted: the service calls
  // the text, or all of them together, too long. Waits where the service said that it has to.
  Result<EmbeddingReply> Ask(TextRole role, std::span<const std::string> texts, size_t dimension,
                             const CancellationToken* cancel);
  // The body of GET <url>/<path>.
  Result<std::string> Get(std::string_view path, const CancellationToken* cancel);

 private:
  ServiceConnection(RemoteModel model, std::string key_variable, std::string key, LogSink log);
  Result<HttpResponse> Send(TextRole role, const HttpRequest& request, uint64_t most,
                            const CancellationToken* cancel);
  HttpRequest Request(std::string url) const;
  Status Refused(const HttpResponse& response) const;

  const RemoteModel model_;
  const std::string key_variable_;
  const std::string key_;
  LogSink log_;
  RateLimit limit_;
  std::mutex mutex_;
  // Connections that nobody uses now, by role; guarded by mutex_.
  std::array<std::vector<std::unique_ptr<HttpClient>>, 2> idle_;
};

}  // namespace coderank::remote
