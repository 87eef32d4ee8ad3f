// A connection's bytes, whatever carries them: TCP, TLS over TCP, or a Unix socket.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <memory>
#include <string_view>
#include <utility>

namespace coderank::http {

using ErrorCode = boost::system::error_code;

// Not thread-safe. The coroutines end with an error when the time given to ExpireAfter is over
// (boost::beast::error::timeout), and when Close was called.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual boost::asio::awaitable<ErrorCode> Handshake() = 0;
  // What there is, at least a byte.
  virtual boost::asio::awaitable<std::pair<ErrorCode, size_t>> Read(
      boost::asio::mutable_buffer to) = 0;
  // Both, one after the other, whole.
  virtual boost::asio::awaitable<ErrorCode> Write(std::string_view head, std::string_view rest) = 0;
  // Says that nothing more will be written.
  virtual boost::asio::awaitable<void> EndWriting() = 0;
  // Of what is waited for from now on.
  virtual void ExpireAfter(std::chrono::milliseconds time) = 0;
  virtual void Close() = 0;
  virtual int descriptor() = 0;  // -1 when closed
  virtual boost::asio::any_io_executor executor() = 0;
};

std::unique_ptr<Transport> MakeTransport(boost::asio::ip::tcp::socket socket);
// `tls` must outlive it.
std::unique_ptr<Transport> MakeTransport(boost::asio::ip::tcp::socket socket,
                                         boost::asio::ssl::context& tls);
std::unique_ptr<Transport> MakeTransport(boost::asio::local::stream_protocol::socket socket);

}  // namespace coderank::http
