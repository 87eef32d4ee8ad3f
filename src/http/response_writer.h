// Writes responses to a connection: whole, or piece by piece.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "http/limits.h"
#include "http/message.h"
#include "http/transport.h"

namespace coderank::http {

// Borrows both; not thread-safe. All return false when the client is gone.
class ResponseWriter {
 public:
  // Of the request that is answered.
  struct Mode {
    bool keep_alive = false;
    bool head_only = false;  // HEAD: the headers of the answer, without its body
    bool http_1_1 = true;    // else pieces are not framed, and end with the connection
  };

  ResponseWriter(Transport& transport, const Limits& limits)
      : transport_(transport), limits_(limits) {}

  boost::asio::awaitable<bool> Send(const Response& response, Mode mode);

  boost::asio::awaitable<bool> Begin(const Response& head, Mode mode);
  boost::asio::awaitable<bool> Piece(const std::string& text, Mode mode);
  boost::asio::awaitable<bool> End(Mode mode);

 private:
  Transport& transport_;
  const Limits& limits_;
};

}  // namespace coderank::http
