// Reads requests from a connection, one after the other, each within its limits.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "http/limits.h"
#include "http/message.h"
#include "http/transport.h"

namespace coderank::http {

// How reading ended where it gave nothing: with an answer for the client, or because it left.
struct ReadFailure {
  std::optional<Response> answer;
};

// What the headers say.
struct RequestHead {
  Request request;  // without the body
  bool keep_alive = false;
  bool http_1_1 = false;
  bool has_body = false;
};

// Borrows both; not thread-safe.
class RequestReader {
 public:
  RequestReader(Transport& transport, const Limits& limits)
      : transport_(transport), limits_(limits) {}

  // `first` of the connection: its time begins now, and not with its first byte.
  boost::asio::awaitable<std::variant<RequestHead, ReadFailure>> ReadHead(bool first);
  // After ReadHead that says that there is one. `limit` in bytes.
  boost::asio::awaitable<std::variant<std::string, ReadFailure>> ReadBody(size_t limit);

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  boost::asio::awaitable<ErrorCode> ReadMore();
  boost::asio::awaitable<ErrorCode> ParseUntil(bool (*is_done)(const Parser&));

  Transport& transport_;
  const Limits& limits_;
  std::unique_ptr<Parser> parser_;  // of the request under way
  std::string buffer_;              // read and not parsed yet
};

}  // namespace coderank::http
