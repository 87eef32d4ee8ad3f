#include "qdrant/rest_client.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "net/url.h"

namespace coderank::qdrant {
namespace {

// A page of 256 points whose payloads are full documents has a few megabytes; vectors of 65,536
// numbers are asked for a few at a time.
constexpr uint64_t kMaxReply = uint64_t{256} << 20;
// Of what a server or a proxy says about a failure.
constexpr size_t kMostReason = 500;

StatusCode CodeOf(int status, std::string_view reason) {
  switch (status) {
    case 400:  // a body above Qdrant's max_request_size_mb too; a proxy says 413 to such
      return reason.find("larger than allowed") != std::string_view::npos
                 ? StatusCode::kResourceExhausted
                 : StatusCode::kInvalidArgument;
    case 401:
    case 403:
      return StatusCode::kPermissionDenied;
    case 404:
      return StatusCode::kNotFound;
    case 409:
      return StatusCode::kFailedPrecondition;
    case 413:
      return StatusCode::kResourceExhausted;
    default:
      return status == 429 || status >= 500 ? StatusCode::kUnavailable
                                            : StatusCode::kInvalidArgument;
  }
}

// {"status":{"error":"..."}}, or the text of a proxy.
std::string ReasonOf(const std::string& body) {
  const auto json = ParseBoundedJson(body);
  std::string reason = json ? TextAt(Member(*json, "status"), "error") : body;
  if (reason.size() > kMostReason) reason = StrCat(reason.substr(0, kMostReason), "...");
  return reason;
}

Status FailureOf(const HttpResponse& response) {
  const std::string reason = ReasonOf(response.body);
  std::string message = StrCat("HTTP status ", response.status);
  if (!reason.empty()) message += StrCat(": ", reason);
  if (response.status == 401 || response.status == 403) {
    message += "; QDRANT_API_KEY holds the key that is sent";
  }
  return {CodeOf(response.status, reason), message};
}

}  // namespace

Options::Options() {
  // A batch is acknowledged when it is stored and searchable; the server says nothing meanwhile.
  http.stall_timeout = std::chrono::seconds(60);
}

RestClient::RestClient(Options options)
    : options_(std::move(options)), http_(std::make_unique<HttpClient>(options_.http)) {}

Result<RestClient> RestClient::Open(Options options) {
  while (options.url.ends_with('/')) options.url.pop_back();
  CODERANK_ASSIGN(const Url url, ParseUrl(options.url));
  const auto plain = [](char c) { return c > 0x20 && c < 0x7f; };
  if (!std::all_of(options.api_key.begin(), options.api_key.end(), plain)) {
    return InvalidArgument("QDRANT_API_KEY: expected printable ASCII characters without spaces");
  }
  if (!options.api_key.empty() && url.scheme == "http" && !IsLoopback(url)) {
    return PermissionDenied(
        StrCat(options.url,
               ": the key in QDRANT_API_KEY would be readable on its way; use https, a "
               "tunnel to a port of this machine, or unset the key"));
  }
  return RestClient(std::move(options));
}

HttpRequest RestClient::Request(std::string_view method, std::string_view path,
                                std::string body) const {
  HttpRequest request{.url = StrCat(options_.url, path)};
  request.method = method;
  request.body = std::move(body);
  if (!request.body.empty()) request.headers.emplace_back("Content-Type: application/json");
  if (!options_.api_key.empty()) request.headers.push_back(StrCat("api-key: ", options_.api_key));
  return request;
}

Result<Reply> RestClient::Call(std::string_view method, std::string_view path, std::string body) {
  return ReplyTo(Request(method, path, std::move(body)));
}

Result<Reply> RestClient::CallOnce(std::string_view method, std::string_view path,
                                   std::string body) {
  HttpRequest request = Request(method, path, std::move(body));
  request.repeatable = false;
  return ReplyTo(request);
}

Status RestClient::Download(std::string_view path, const std::filesystem::path& target,
                            uint64_t size) {
  const HttpDownload download{
      .request = Request("GET", path, {}), .target = target, .size = size, .progress = {}};
  const std::string where = StrCat("GET ", download.request.url);
  const auto fetched = http_->Download(download, options_.cancel);
  if (!fetched) return fetched.error().WithContext(where);
  if (fetched->status == 200) return OkStatus();
  return FailureOf({.status = fetched->status, .url = {}, .body = {}}).WithContext(where);
}

Result<Reply> RestClient::Upload(std::string_view path, const std::filesystem::path& file,
                                 const std::string& field) {
  HttpRequest request = Request("POST", path, {});
  request.file = file;
  request.file_field = field;
  request.repeatable = false;
  return ReplyTo(request);
}

Result<Json> RestClient::About() { return Send(Request("GET", "/", {})); }

Result<Json> RestClient::Send(const HttpRequest& request) {
  const std::string where = StrCat(request.method, " ", request.url);
  const auto response = http_->Send(request, kMaxReply, options_.cancel);
  if (!response) return response.error().WithContext(where);
  if (response->status != 200 && response->status != 202) {
    return FailureOf(*response).WithContext(where);
  }
  auto json = ParseBoundedJson(response->body);
  if (json && json->is_object()) return json;
  return Corrupt(StrCat(where,
                        ": expected Qdrant's answer, a JSON object; is it the address of its "
                        "REST interface (port 6333 by default)?"));
}

Result<Reply> RestClient::ReplyTo(const HttpRequest& request) {
  CODERANK_ASSIGN(Json json, Send(request));
  if (!json.contains("result")) {
    return Corrupt(StrCat(request.method, " ", request.url, ": expected \"result\" in the answer"));
  }
  const Json& seconds = Member(json, "time");
  const double taken = seconds.is_number() ? seconds.get<double>() : 0;
  return Reply{.result = std::move(json["result"]), .seconds = taken};
}

}  // namespace coderank::qdrant
