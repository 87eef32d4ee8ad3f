// One request to its end: redirects followed, failures that pass tried again. What becomes of the
// body is the handler's business.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "coderank/cancellation.h"
#include "coderank/result.h"
#include "net/http_client.h"
#include "net/transfer.h"

namespace coderank {

class FetchHandler : public BodySink {
 public:
  // Before every try; the headers are added to the request.
  virtual Status Begin(std::vector<std::string>& headers) = 0;
  // After every try: may turn a result into a failure, or a failure into another.
  virtual TransferResult Finish(TransferResult result) { return result; }
  // Bytes of the most that any try got to, not their sum: what comes again and again is no
  // progress. Tries are counted anew when it has grown by kProgressBytes.
  virtual uint64_t furthest() const = 0;
};

// So much between two failures is progress: a file of 100 GB has at most 100,000 pieces.
inline constexpr uint64_t kProgressBytes = uint64_t{1} << 20;

struct FetchResult {
  ResponseHead head;
  Url url;  // after redirects
};

class Fetcher {
 public:
  explicit Fetcher(const HttpOptions& options) : options_(options), engine_(options) {}

  // Any status but a redirect's is a result; a failure to get one is an error.
  Result<FetchResult> Fetch(const HttpRequest& request, FetchHandler& handler,
                            const CancellationToken* cancel);

 private:
  struct Try {
    TransferResult result;
    Url url;
  };
  Try RunOnce(const Url& first, const HttpRequest& request, FetchHandler& handler,
              const CancellationToken* cancel);
  Try FollowRedirects(const Url& first, const HttpRequest& request,
                      const std::vector<std::string>& headers, FetchHandler& handler,
                      const CancellationToken* cancel);

  HttpOptions options_;
  TransferEngine engine_;
};

}  // namespace coderank
