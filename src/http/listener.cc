#include "http/listener.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "base/socket_peer.h"

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

// One more is taken where room was made; beyond, the newcomer is told, and where many are being
// told, just closed.
void Take(std::unique_ptr<Transport> transport, const std::shared_ptr<const Site>& site,
          ServerState& server) {
  const auto executor = transport->executor();
  const bool has_room = server.connections.size() < server.limits.connections || MakeRoom(server);
  if (has_room) {
    asio::co_spawn(executor, RunSession(std::move(transport), site, server), asio::detached);
  } else if (server.turned_away < server.limits.turned_away) {
    asio::co_spawn(executor, TurnAway(std::move(transport), server), asio::detached);
  }
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
    boost::system::error_code ignored;
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    Take(tls == nullptr ? MakeTransport(std::move(socket)) : MakeTransport(std::move(socket), *tls),
         site, server);
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
    if (!PeerIsThisUser(socket.native_handle())) continue;
    Take(MakeTransport(std::move(socket)), site, server);
  }
}

}  // namespace coderank::http
