// One connection: reads requests one after another, hands them on, writes the answers.
//
// Runs on the server's one I/O thread; nothing here waits but in coroutines. Guards against clients
// that are malformed, oversized, slow or gone; docs/server.md lists what each is answered.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include "http/access.h"
#include "http/handler_threads.h"
#include "http/limits.h"
#include "http/router.h"
#include "http/transport.h"

namespace coderank::http {

using Clock = std::chrono::steady_clock;

// What is told of each request when it is over.
struct Completed {
  std::string route;  // its path, or "" where none matched
  int status = 0;     // 0: the client left before there was one
  std::chrono::duration<double> time{0};
};

// What the connections of a listener have in common. Immutable.
struct Site {
  Router router;
  AccessRules access;
  bool is_local = false;  // a Unix socket, of whose clients the system says that they are this user
};

// What the server knows of a connection, to make room and to stop. Used on the I/O thread only.
struct ConnectionState {
  bool silent = true;  // no request of it is worked on
  Clock::time_point silent_since = Clock::now();
  std::function<void()> close;
};

// What the connections of a server have in common. Used on the I/O thread only, but for what is
// atomic: that is read on others.
struct ServerState {
  Limits limits;
  HandlerThreads* threads = nullptr;
  std::function<void(const Completed&)> observer;  // may be empty
  std::list<ConnectionState*> connections;
  std::atomic<size_t> open{0};                                // connections
  std::atomic<size_t> working{0};                             // requests
  std::atomic<Clock::time_point> last_request{Clock::now()};  // when the last ended
  size_t turned_away = 0;  // connections that are being told that there is no room
  bool stopping = false;   // no further request of any connection
  bool hurrying = false;   // those worked on are cancelled
};

// Runs a connection to its end. `server` outlives it.
boost::asio::awaitable<void> RunSession(std::unique_ptr<Transport> transport,
                                        std::shared_ptr<const Site> site, ServerState& server);

// Says that the server is full, and closes.
boost::asio::awaitable<void> TurnAway(std::unique_ptr<Transport> transport, ServerState& server);

}  // namespace coderank::http
