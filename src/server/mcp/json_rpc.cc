#include "server/mcp/json_rpc.h"

#include <utility>

#include "base/strings.h"
#include "json/json.h"

namespace coderank::server::mcp {
namespace {

// Null where the document has no id that a request may have.
Json IdOf(const Input& document) {
  const auto found = document.find("id");
  if (found == document.end()) return nullptr;
  if (found->is_string()) return found->get<std::string>();
  if (found->is_number_unsigned()) return found->get<uint64_t>();
  if (found->is_number_integer()) return found->get<int64_t>();
  return nullptr;
}

MessageFailure Invalid(Json id, std::string message) {
  return {.id = std::move(id), .error = InvalidRequest(std::move(message))};
}

}  // namespace

std::variant<Input, RpcError> ParseDocument(std::string_view text) {
  if (text.size() > kMostMessageBytes) {
    return RpcError{.code = kParseError,
                    .message = StrCat("a message may have ", kMostMessageBytes, " bytes")};
  }
  if (JsonDepth(text) > kMostDepth) {
    return RpcError{.code = kParseError,
                    .message = StrCat("a message may nest ", kMostDepth, " brackets")};
  }
  Input document = Input::parse(text, nullptr, false);
  if (document.is_discarded()) {
    return RpcError{.code = kParseError, .message = "expected JSON in UTF-8"};
  }
  return document;
}

std::variant<Message, MessageFailure> MessageFrom(Input document) {
  if (!document.is_object()) return Invalid(nullptr, "expected a JSON-RPC 2.0 object");
  Json id = IdOf(document);
  if (const auto version = document.find("jsonrpc");
      version == document.end() || *version != "2.0") {
    return Invalid(std::move(id), "jsonrpc: expected \"2.0\"");
  }
  const bool has_id = document.contains("id");
  const auto method = document.find("method");
  if (method == document.end()) {
    if (document.contains("result") || document.contains("error")) {
      return Message{.kind = Message::Kind::kResponse, .id = std::move(id), .method = {}};
    }
    return Invalid(std::move(id), "method: is required");
  }
  if (has_id && id.is_null()) return Invalid(nullptr, "id: expected a string or a whole number");
  if (!method->is_string()) return Invalid(std::move(id), "method: expected a string");
  Message message{.kind = has_id ? Message::Kind::kRequest : Message::Kind::kNotification,
                  .id = std::move(id),
                  .method = method->get<std::string>()};
  const auto params = document.find("params");
  if (params == document.end() || params->is_null()) return message;
  if (params->is_object()) {
    message.params = std::move(*params);
    return message;
  }
  // JSON-RPC knows arguments by position, MCP does not.
  const int code = params->is_array() ? kInvalidParams : kInvalidRequest;
  return MessageFailure{.id = std::move(message.id),
                        .error = {.code = code, .message = "params: expected an object"}};
}

std::string ResponseText(const Json& id, Json result) {
  Json json = {{"jsonrpc", "2.0"}, {"id", id}};
  json["result"] = std::move(result);
  return ToText(json);
}

std::string ErrorText(const Json& id, const RpcError& error) {
  Json json = {{"jsonrpc", "2.0"}, {"id", id}};
  json["error"] = {{"code", error.code}, {"message", error.message}};
  if (!error.data.is_null()) json["error"]["data"] = error.data;
  return ToText(json);
}

std::string NotificationText(std::string_view method, Json params) {
  Json json = {{"jsonrpc", "2.0"}, {"method", method}};
  json["params"] = std::move(params);
  return ToText(json);
}

}  // namespace coderank::server::mcp
