// One HTTP exchange: no redirects, no retries, no policy. The only file that drives libcurl.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coderank/cancellation.h"
#include "coderank/status.h"
#include "net/http_client.h"
#include "net/url.h"

namespace coderank {

struct TransferRequest {
  Url url;
  std::vector<std::string> headers;  // "Name: value"
  std::string method = "GET";
  std::string_view body;  // borrowed
  std::string file;       // path; empty: none is sent
  std::string file_field;
};

// The status line and the headers that somebody asks for.
struct ResponseHead {
  int status = 0;
  std::optional<uint64_t> content_length;
  std::string content_range;
  std::string etag;
  std::string location;
  std::chrono::seconds retry_after{0};
  RateLimitHeaders rate_limit;
};

// Takes the body of one exchange. An error ends the exchange and becomes its result.
class BodySink {
 public:
  virtual ~BodySink() = default;
  virtual Status OnHead(const ResponseHead& head) = 0;  // before the first OnBody
  virtual Status OnBody(std::string_view piece) = 0;
};

enum class Failure {
  kNone,
  kUnreachable,  // no connection came about
  kTransient,    // another try may succeed
  kPermanent,
};

struct TransferResult {
  Failure failure = Failure::kNone;
  Status status;      // not OK when there is a failure
  ResponseHead head;  // as far as it came
};

// Not thread-safe. Connections stay open between calls.
class TransferEngine {
 public:
  explicit TransferEngine(const HttpOptions& options);
  ~TransferEngine();

  TransferResult Run(const TransferRequest& request, BodySink& sink,
                     const CancellationToken* cancel);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace coderank
