#include "server/mcp/http_headers.h"

#include <algorithm>
#include <string>

#include "base/ascii.h"
#include "base/base64.h"
#include "base/strings.h"
#include "server/mcp/revision.h"

namespace coderank::server::mcp {
namespace {

// "application/json; charset=utf-8" without what follows the type.
std::string MediaType(std::string_view text) {
  return AsciiLower(Trimmed(text.substr(0, text.find(';')), " \t"));
}

// Values that a header cannot carry as they are stand in "=?base64?...?=".
std::optional<std::string> HeaderValue(std::string_view value) {
  constexpr std::string_view kBegin = "=?base64?";
  constexpr std::string_view kEnd = "?=";
  if (!value.starts_with(kBegin) || !value.ends_with(kEnd) ||
      value.size() < kBegin.size() + kEnd.size()) {
    return std::string(value);
  }
  value.remove_prefix(kBegin.size());
  value.remove_suffix(kEnd.size());
  return FromBase64(value);
}

RpcError Mismatch(std::string_view header) {
  return {.code = kHeaderMismatch, .message = StrCat(header, ": expected the same as in the body")};
}

// Null when it is no string, or not there.
const std::string* TextIn(const Input& object, std::string_view key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get_ptr<const std::string*>()
                                                     : nullptr;
}

}  // namespace

bool HasJsonBody(const HttpRequest& request) {
  return MediaType(request.Header("content-type")) == "application/json";
}

Accepted AcceptedBy(const HttpRequest& request) {
  std::string_view header = request.Header("accept");
  Accepted accepted{.json = header.empty()};
  while (!header.empty()) {
    const size_t comma = std::min(header.find(','), header.size());
    const std::string type = MediaType(header.substr(0, comma));
    if (type == "application/json" || type == "application/*" || type == "*/*") {
      accepted.json = true;
    }
    if (type == "text/event-stream" || type == "text/*" || type == "*/*") accepted.stream = true;
    header.remove_prefix(std::min(comma + 1, header.size()));
  }
  return accepted;
}

std::optional<RpcError> HeaderMismatch(const HttpRequest& request, const Input& document) {
  const auto params = document.find("params");
  const Input empty = Input::object();
  const Input& given = params != document.end() && params->is_object() ? *params : empty;
  const auto meta = given.find("_meta");
  if (meta == given.end() || !meta->is_object() || !meta->contains(kRevisionKey)) {
    return RpcError{.code = kInvalidParams,
                    .message = StrCat("params._meta.", kRevisionKey, ": is required")};
  }
  const std::string* revision = TextIn(*meta, kRevisionKey);
  if (revision == nullptr || request.Header(kRevisionHeader) != *revision) {
    return Mismatch(kRevisionHeader);
  }
  const std::string* method = TextIn(document, "method");
  if (method == nullptr || request.Header(kMethodHeader) != *method) return Mismatch(kMethodHeader);
  const std::string* name = TextIn(given, "name");
  if (*method == "tools/call" && name != nullptr &&
      HeaderValue(request.Header(kNameHeader)) != *name) {
    return Mismatch(kNameHeader);
  }
  return std::nullopt;
}

}  // namespace coderank::server::mcp
