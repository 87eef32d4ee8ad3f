// An HTTP client for downloads and small answers: requests whose answer fits memory, and files that
// resume.
//
// What it guarantees, whatever the server does:
//   - no more than the stated number of bytes is kept;
//   - a redirect is followed a bounded number of times, never from https to http, and the bearer
//     token is sent to the origin of the first URL only;
//   - failures that pass (timeouts, connections cut, bodies cut short, 408, 429, 5xx) are tried
//     again a bounded number of times, with growing pauses, or those that the server asks for;
//   - a server that falls silent is given up, however long a file may take as a whole;
//   - cancellation is noticed within a fraction of a second.
// Proxies come from the usual variables (HTTPS_PROXY, http_proxy, ALL_PROXY, NO_PROXY), trusted
// certificates from the system, or from CURL_CA_BUNDLE or SSL_CERT_FILE.
//
// Bodies that are sent lie in memory. It keeps no cookies.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "coderank/cancellation.h"
#include "coderank/log.h"
#include "coderank/result.h"

namespace coderank {

struct HttpOptions {
  std::chrono::milliseconds connect_timeout{15'000};
  // A transfer that moves less than `stall_bytes` a second for this long has failed.
  std::chrono::seconds stall_timeout{30};
  uint64_t stall_bytes = 100;
  int max_redirects = 8;
  int max_attempts = 6;     // in a row without progress
  int max_unreachable = 3;  // of those, without a connection: likely there is no network
  std::chrono::milliseconds first_pause{500};  // doubled each time, shortened at random to 50-100 %
  std::chrono::milliseconds longest_pause{60'000};  // a server that asks for more is given up
  LogSink log;                                      // told of every new try; may be empty
};

struct HttpRequest {
  std::string url;
  std::string bearer_token;  // "": none. Not sent over plain http, except to the machine itself
  std::string method = "GET";
  std::vector<std::string> headers;  // "Name: value"; sent to the origin of `url` only
  std::string body;
  // A file sent instead of a body, as the field `file_field` of a form (multipart/form-data).
  std::filesystem::path file;
  std::string file_field;
  // False: sent again only where it is certain that the server did nothing (no connection, 429).
  bool repeatable = true;
};

// What a server says about how much it will take, by "remaining-requests", "reset-tokens" and such:
// the headers X-RateLimit-* and RateLimit-*, in lower case, without what they have in common.
using RateLimitHeaders = std::map<std::string, std::string, std::less<>>;

// The server's last word; any status but those of a redirect.
struct HttpResponse {
  int status = 0;
  std::string url;  // after redirects
  std::string body;
  RateLimitHeaders rate_limit;
};

struct HttpDownload {
  HttpRequest request;
  std::filesystem::path target;
  uint64_t size = 0;  // bytes; a body of any other length is an error
  // Called after each piece: the bytes of the file that are here, and those of them that came over
  // the network in this call.
  std::function<void(uint64_t, uint64_t)> progress;
};

struct HttpDownloadResult {
  int status = 0;         // 200: the file is complete; any other: it is not, and this is the reason
  uint64_t received = 0;  // bytes that came over the network
};

// Not thread-safe. Keeps connections open from one call to the next. The process has to ignore
// SIGPIPE.
class HttpClient {
 public:
  explicit HttpClient(HttpOptions options = {});
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // kResourceExhausted for a body of more than `max_bytes`, kUnavailable when no answer came.
  // Redirects of anything but a GET are an error: what is sent is meant for that server.
  Result<HttpResponse> Send(const HttpRequest& request, uint64_t max_bytes,
                            const CancellationToken* cancel = nullptr);

  // Fetches into `target`, by way of `target`.part and `target`.etag, which stay behind when it
  // fails or the process dies: the next call asks for the rest, if the server still has the same
  // file. Complete files are synced to disk.
  Result<HttpDownloadResult> Download(const HttpDownload& download,
                                      const CancellationToken* cancel = nullptr);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace coderank
