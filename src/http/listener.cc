#include "http/listener.h"

#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace coderank::http {
namespace {

namespace asio = boost::asio;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
// After an error of accept, such as too many open files: time for some to be closed.
constexpr std::chrono::milliseconds kPause{100};

// Closes the connection that has sent nothing for longest. False when all are being worked on.
bool MakeRoom(ServerState& server) {
  ConnectionState* oldest = nullptr;
  for (ConnectionState* connection : server.connections) {
    const bool older = oldest == nullptr || connection->silent_since < oldest->silent_since;
    if (connection->silent && older) oldest = connection;
  }
  if (oldest == nullptr) return false;
  // It leaves the list when its session runs next; until then it must not be chosen again.
  oldest->silent = false;
  oldest->close();
  return true;
}

// One more is taken where room was made; beyond, the newcomer is closed.
bool HasRoom(ServerState& server) {
  return server.connections.size() < server.limits.connections || MakeRoom(server);
}

bool IsOfThisUser(int socket) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         peer.uid == ::geteuid();
}

}  // namespace

asio::awaitable<void> AcceptTcp(asio::ip::tcp::acceptor& acceptor,
                                std::shared_ptr<asio::ssl::context> tls,
                                std::shared_ptr<const Site> site, ServerState& server) {
  asio::steady_timer pause(acceptor.get_executor());
  while (acceptor.is_open()) {
    auto [error, socket] = co_await acceptor.async_accept(kAwait);
    if (error == asio::error::operation_aborted) co_return;
    if (error) {
      pause.expires_after(kPause);
      co_await pause.async_wait(kAwait);
      continue;
    }
    if (!HasRoom(server)) continue;
    boost::system::error_code ignored;
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    auto transport =
        tls == nullptr ? MakeTransport(std::move(socket)) : MakeTransport(std::move(socket), *tls);
    asio::co_spawn(acceptor.get_executor(), RunSession(std::move(transport), site, server),
                   asio::detached);
  }
}

asio::awaitable<void> AcceptUnix(asio::local::stream_protocol::acceptor& acceptor,
                                 std::shared_ptr<const Site> site, ServerState& server) {
  asio::steady_timer pause(acceptor.get_executor());
  while (acceptor.is_open()) {
    auto [error, socket] = co_await acceptor.async_accept(kAwait);
    if (error == asio::error::operation_aborted) co_return;
    if (error) {
      pause.expires_after(kPause);
      co_await pause.async_wait(kAwait);
      continue;
    }
    if (!IsOfThisUser(socket.native_handle()) || !HasRoom(server)) continue;
    asio::co_spawn(acceptor.get_executor(),
                   RunSession(MakeTransport(std::move(socket)), site, server), asio::detached);
  }
}

}  // namespace coderank::http
