// Calls of a Qdrant server's REST interface: JSON there, JSON back, failures as Status.
//
// Failures that pass are tried again with growing pauses (net/http_client.h). Every message names
// the server, method and path, and what the server said; the key is in none of them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "coderank/cancellation.h"
#include "coderank/result.h"
#include "net/http_client.h"
#include "qdrant/json.h"

namespace coderank::qdrant {

struct Options {
  std::string url;      // "http://localhost:6333"; a path in it comes before every other
  std::string api_key;  // "": none
  HttpOptions http;
  const CancellationToken* cancel = nullptr;  // borrowed; looked at by every call

  Options();
};

struct Reply {
  Json result;
  double seconds = 0;  // that the server says it took
};

// Not thread-safe.
class RestClient {
 public:
  // kInvalidArgument for a URL that is none, kPermissionDenied for a key that would be sent
  // readable.
  static Result<RestClient> Open(Options options);

  // "" of `body`: none is sent. `path` begins with a slash, its names percent-encoded.
  Result<Reply> Call(std::string_view method, std::string_view path, std::string body = {});
  // For what may not happen twice.
  Result<Reply> CallOnce(std::string_view method, std::string_view path, std::string body = {});

  // Into a file of that many bytes (HttpClient::Download).
  Status Download(std::string_view path, const std::filesystem::path& target, uint64_t size);
  // A file as the form's field `field`, sent once.
  Result<Reply> Upload(std::string_view path, const std::filesystem::path& file,
                       const std::string& field);
  // What the server says about itself, at the root of its paths.
  Result<Json> About();

  void set_cancel(const CancellationToken* cancel) { options_.cancel = cancel; }

  const std::string& url() const { return options_.url; }

 private:
  explicit RestClient(Options options);
  HttpRequest Request(std::string_view method, std::string_view path, std::string body) const;
  // The JSON of an answer that is no failure.
  Result<Json> Send(const HttpRequest& request);
  Result<Reply> ReplyTo(const HttpRequest& request);

  Options options_;
  std::unique_ptr<HttpClient> http_;
};

}  // namespace coderank::qdrant
