// JSON-RPC 2.0 messages as text. Knows nothing of methods, sessions or transports.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "server/report_json.h"

namespace coderank::server::mcp {

// What comes from outside. Its objects are sorted: ordered ones look through all keys for each new
// one, which a message of a hundred thousand keys would turn into minutes.
using Input = nlohmann::json;

// A longer message is refused unread. A question is some hundred bytes; a megabyte leaves room for
// clients that paste files into one.
inline constexpr size_t kMostMessageBytes = 1U << 20U;
// Brackets open at once. Requests of the protocol nest eight deep; what writes JSON again, in this
// process or the next, may do so by recursion.
inline constexpr size_t kMostDepth = 64;

inline constexpr int kParseError = -32700;
inline constexpr int kInvalidRequest = -32600;
inline constexpr int kMethodNotFound = -32601;
inline constexpr int kInvalidParams = -32602;
inline constexpr int kInternalError = -32603;
// Of revision 2026-07-28 and later.
inline constexpr int kHeaderMismatch = -32020;
inline constexpr int kUnsupportedRevision = -32022;

struct RpcError {
  int code = 0;
  std::string message;
  Json data;  // null: none
};

inline RpcError InvalidRequest(std::string message) {
  return {.code = kInvalidRequest, .message = std::move(message), .data = {}};
}
inline RpcError InvalidParams(std::string message) {
  return {.code = kInvalidParams, .message = std::move(message), .data = {}};
}

struct Message {
  enum class Kind { kRequest, kNotification, kResponse };
  Kind kind = Kind::kNotification;
  Json id;  // of requests: a string or a whole number
  std::string method;
  Input params = Input::object();  // always an object
};

// Why a document is no message, and the id to answer to: null where it has no usable one.
struct MessageFailure {
  Json id;
  RpcError error;
};

// The document: kParseError unless it is JSON within the limits above.
std::variant<Input, RpcError> ParseDocument(std::string_view text);
// Of one object; a batch is an array of them.
std::variant<Message, MessageFailure> MessageFrom(Input document);

// One line each, valid UTF-8 whatever the values hold.
std::string ResponseText(const Json& id, Json result);
std::string ErrorText(const Json& id, const RpcError& error);
std::string NotificationText(std::string_view method, Json params);

}  // namespace coderank::server::mcp
