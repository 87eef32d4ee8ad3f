#include "http/transport.h"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <memory>
#include <type_traits>

namespace coderank::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::awaitable;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;
using UnixStream = beast::basic_stream<asio::local::stream_protocol>;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

template <typename Stream>
class StreamTransport : public Transport {
 public:
  template <typename... Arguments>
  explicit StreamTransport(Arguments&&... arguments)
      : stream_(std::forward<Arguments>(arguments)...), timer_(stream_.get_executor()) {}

  awaitable<ErrorCode> Handshake() override {
    if constexpr (kIsTls) {
      const auto [error] = co_await stream_.async_handshake(asio::ssl::stream_base::server, kAwait);
      co_return Explained(error);
    }
    co_return ErrorCode();
  }
  awaitable<std::pair<ErrorCode, size_t>> Read(asio::mutable_buffer to) override {
    if (*is_over_) co_return std::pair(ErrorCode(beast::error::timeout), size_t{0});
    const auto [error, size] = co_await stream_.async_read_some(to, kAwait);
    co_return std::pair(Explained(error), size);
  }
  awaitable<ErrorCode> Write(std::string_view head, std::string_view rest) override {
    if (*is_over_) co_return ErrorCode(beast::error::timeout);
    std::array<asio::const_buffer, 2> buffers;
    buffers[0] = asio::buffer(head);
    buffers[1] = asio::buffer(rest);
    const auto [error, size] = co_await asio::async_write(stream_, buffers, kAwait);
    co_return Explained(error);
  }
  awaitable<void> EndWriting() override {
    if constexpr (kIsTls) co_await stream_.async_shutdown(kAwait);
    ErrorCode ignored;
    Lowest().socket().shutdown(asio::socket_base::shutdown_send, ignored);
    co_return;
  }
  // A timer of our own: that of Beast's streams closes the socket, and a slow client has to be
  // told.
  void ExpireAfter(std::chrono::milliseconds time) override {
    is_over_ = std::make_shared<bool>(false);
    timer_.expires_after(time);
    const std::weak_ptr<bool> of_this_wait = is_over_;
    timer_.async_wait([this, of_this_wait](const ErrorCode& error) {
      const auto is_over = of_this_wait.lock();  // null too when this is gone
      if (error || is_over == nullptr) return;
      *is_over = true;
      ErrorCode ignored;
      Lowest().socket().cancel(ignored);
    });
  }
  void Close() override { Lowest().close(); }
  int descriptor() override { return Lowest().socket().native_handle(); }
  asio::any_io_executor executor() override { return stream_.get_executor(); }

 private:
  static constexpr bool kIsTls = std::is_same_v<Stream, TlsStream>;
  auto& Lowest() { return beast::get_lowest_layer(stream_); }
  ErrorCode Explained(const ErrorCode& error) const {
    return error && *is_over_ ? ErrorCode(beast::error::timeout) : error;
  }

  Stream stream_;
  asio::steady_timer timer_;
  std::shared_ptr<bool> is_over_ = std::make_shared<bool>(false);
};

}  // namespace

std::unique_ptr<Transport> MakeTransport(asio::ip::tcp::socket socket) {
  return std::make_unique<StreamTransport<beast::tcp_stream>>(std::move(socket));
}

std::unique_ptr<Transport> MakeTransport(asio::ip::tcp::socket socket, asio::ssl::context& tls) {
  return std::make_unique<StreamTransport<TlsStream>>(beast::tcp_stream(std::move(socket)), tls);
}

std::unique_ptr<Transport> MakeTransport(asio::local::stream_protocol::socket socket) {
  return std::make_unique<StreamTransport<UnixStream>>(std::move(socket));
}

}  // namespace coderank::http
