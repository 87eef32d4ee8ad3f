#include "remote/service_connection.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/cancellable_sleep.h"
#include "base/strings.h"
#include "base/try.h"
#include "net/url.h"

namespace coderank::remote {
namespace {

using std::chrono::milliseconds;

// A number in text with its comma, and what stands around the vectors.
constexpr uint64_t kBytesPerNumber = 32;
constexpr uint64_t kMostNumbers = 1 << 16;  // of a vector, as long as the dimension is not known
constexpr uint64_t kBytesAround = 64 << 10;
constexpr uint64_t kMostInfo = 1 << 20;

// Somebody waits for the answer to a query, and words can do without it; documents have time, and
// a service on a CPU takes long for a batch.
HttpOptions OptionsFor(TextRole role, const LogSink& log) {
  HttpOptions options;
  options.log = log;
  if (role == TextRole::kQuery) {
    options.connect_timeout = std::chrono::seconds(5);
    options.stall_timeout = std::chrono::seconds(10);
    options.max_attempts = 2;
    options.max_unreachable = 1;
    options.longest_pause = std::chrono::seconds(2);
  } else {
    options.stall_timeout = std::chrono::minutes(3);
  }
  return options;
}

std::string Without(std::string text, const std::string& secret) {
  if (secret.empty()) return text;
  for (size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at)) {
    text.replace(at, secret.size(), "[key]");
  }
  return text;
}

}  // namespace

uint64_t AboutTokens(uint64_t bytes) {
  constexpr uint64_t kBytesPerToken = 3;
  return bytes / kBytesPerToken + 1;
}

ServiceConnection::ServiceConnection(RemoteModel model, std::string key_variable, std::string key,
                                     LogSink log)
    : model_(std::move(model)),
      key_variable_(std::move(key_variable)),
      key_(std::move(key)),
      log_(std::move(log)) {}

Result<std::unique_ptr<ServiceConnection>> ServiceConnection::Open(RemoteModel model,
                                                                   std::string key_variable,
                                                                   std::string key, LogSink log) {
  CODERANK_ASSIGN(const Url url, ParseUrl(model.url));
  const auto plain = [](char c) { return c > 0x20 && c < 0x7f; };
  if (!std::all_of(key.begin(), key.end(), plain)) {
    return InvalidArgument(
        StrCat(key_variable, ": expected printable ASCII characters without spaces"));
  }
  if (!key.empty() && url.scheme == "http" && !IsLoopback(url)) {
    return PermissionDenied(
        StrCat(model.url, ": the key in ", key_variable,
               " would be readable on its way; use https, or a tunnel to a port of this machine"));
  }
  return std::unique_ptr<ServiceConnection>(new ServiceConnection(
      std::move(model), std::move(key_variable), std::move(key), std::move(log)));
}

HttpRequest ServiceConnection::Request(std::string url) const {
  return {.url = std::move(url), .bearer_token = key_, .headers = {}, .body = {}, .file = {}};
}

Result<EmbeddingReply> ServiceConnection::Ask(TextRole role, std::span<const std::string> texts,
                                              size_t dimension, const CancellationToken* cancel) {
  uint64_t bytes = 0;
  for (const std::string& text : texts) bytes += text.size();
  const auto now = RateLimit::Clock::now();
  const milliseconds pause = limit_.Reserve(AboutTokens(bytes), now);
  if (pause > milliseconds(0) && log_) {
    log_(LogLevel::kDebug,
         StrCat(model_.url, ": its limit is reached; next request in ", pause.count(), " ms"));
  }
  if (!SleepUnlessCancelled(pause, cancel)) return Cancelled("embedding was cancelled");

  HttpRequest request = Request(EndpointOf(model_));
  request.method = "POST";
  request.headers = {"Content-Type: application/json"};
  request.body = RequestBody(model_, role, texts);
  const uint64_t numbers = texts.size() * (dimension == 0 ? kMostNumbers : dimension);
  CODERANK_ASSIGN(const HttpResponse response,
                  Send(role, request, numbers * kBytesPerNumber + kBytesAround, cancel));
  auto reply = ParseReply(model_, response.body, texts.size(), dimension);
  if (!reply) return reply.error().WithContext(request.url);
  return reply;
}

Result<std::string> ServiceConnection::Get(std::string_view path, const CancellationToken* cancel) {
  CODERANK_ASSIGN(HttpResponse response,
                  Send(TextRole::kQuery, Request(StrCat(model_.url, path)), kMostInfo, cancel));
  return std::move(response.body);
}

Result<HttpResponse> ServiceConnection::Send(TextRole role, const HttpRequest& request,
                                             uint64_t most, const CancellationToken* cancel) {
  auto& idle = idle_[role == TextRole::kQuery ? 0 : 1];
  std::unique_ptr<HttpClient> client;
  {
    const std::lock_guard lock(mutex_);
    if (!idle.empty()) {
      client = std::move(idle.back());
      idle.pop_back();
    }
  }
  if (client == nullptr) client = std::make_unique<HttpClient>(OptionsFor(role, log_));
  auto response = client->Send(request, most, cancel);
  if (response) limit_.Note(response->rate_limit, RateLimit::Clock::now());
  {
    const std::lock_guard lock(mutex_);
    idle.push_back(std::move(client));
  }
  if (!response) {
    // An answer of any size is not what says that texts are too long.
    const Status& error = response.error();
    const bool too_large = error.code() == StatusCode::kResourceExhausted;
    return (too_large ? Corrupt(error.message()) : error).WithContext(request.url);
  }
  if (response->status != 200) return Refused(*response).WithContext(request.url);
  return response;
}

Status ServiceConnection::Refused(const HttpResponse& response) const {
  const std::string reason = Without(ReasonOf(response.body), key_);
  const int status = response.status;
  std::string message = StrCat("HTTP status ", status, reason.empty() ? "" : ": ", reason);
  if (SaysTooLong(status, reason)) return ResourceExhausted(std::move(message));
  if (status == 401 || status == 403) {
    message += key_variable_.empty()
                   ? "; connect the model again with --key-variable NAME"
                   : StrCat("; the environment variable ", key_variable_,
                            key_.empty() ? " is not set" : " holds the key that is sent");
    return PermissionDenied(std::move(message));
  }
  if (status == 404) {
    return NotFound(StrCat(message, "; is it the service's base URL, and the model's name ",
                           model_.model, "?"));
  }
  if (status == 429 || status >= 500) return Unavailable(std::move(message));
  return InvalidArgument(std::move(message));
}

}  // namespace coderank::remote
