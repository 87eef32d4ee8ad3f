#include "server/rest/answers.h"

#include "base/ascii.h"
#include "base/strings.h"
#include "json/json.h"
#include "server/rest/hidden_paths.h"

namespace coderank::server::rest {
namespace {

constexpr size_t kMostDepth = 16;  // of a body; what is asked for has three levels

bool IsJson(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return EqualIgnoringCase(type, "application/json");
}

// What the caller sent, for telling its own paths from ours.
std::string Said(const http::Request& request) {
  std::string said = request.body;
  for (const auto& [name, value] : request.query) said += StrCat("\n", value);
  return said;
}

}  // namespace

http::Response JsonAnswer(const Json& json, int status) {
  return {.status = status, .headers = {}, .body = ToText(json) + "\n"};
}

http::Response ErrorAnswer(const Status& error, const http::Exchange& exchange,
                           const Roots& roots) {
  const http::Request& request = exchange.request();
  int status = HttpStatus(error.code());
  std::string message = request.from_socket
                            ? error.message()
                            : WithoutHostPaths(error.message(), roots, Said(request));
  if (exchange.ended_by() == http::EndedBy::kDeadline) {
    status = 503;
    // Others say themselves what takes so long.
    if (error.code() == StatusCode::kCancelled) {
      message += "; it took longer than this server gives a request";
    }
  } else if (exchange.ended_by() == http::EndedBy::kServer) {
    status = 503;
    message += "; the server stops";
  }
  http::Response response = http::ErrorResponse(status, StatusCodeName(error.code()), message);
  if (status == 429 || status == 503) response.headers.emplace_back("Retry-After", "1");
  return response;
}

void HideHostPaths(const http::Request& request, const Roots& roots,
                   std::vector<std::string>& notes) {
  if (request.from_socket) return;
  const std::string said = Said(request);
  for (std::string& note : notes) note = WithoutHostPaths(note, roots, said);
}

Result<nlohmann::json> JsonBody(const http::Request& request) {
  if (!IsJson(request.Header("content-type"))) {
    return InvalidArgument(StrCat("Content-Type: expected application/json, found \"",
                                  request.Header("content-type"), "\""));
  }
  if (JsonDepth(request.body) > kMostDepth) {
    return InvalidArgument(StrCat("body: expected at most ", kMostDepth, " levels of nesting"));
  }
  auto body = nlohmann::json::parse(request.body, nullptr, /*allow_exceptions=*/false);
  if (body.is_discarded()) return InvalidArgument("body: expected valid JSON in UTF-8");
  if (!body.is_object()) {
    return InvalidArgument(StrCat("body: expected a JSON object, found ", body.type_name()));
  }
  return body;
}

}  // namespace coderank::server::rest
