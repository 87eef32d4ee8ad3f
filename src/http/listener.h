// Accepts connections on one address and starts a session for each.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "http/session.h"

namespace coderank::http {

// Both run until the acceptor is closed.
boost::asio::awaitable<void> AcceptTcp(boost::asio::ip::tcp::acceptor& acceptor,
                                       std::shared_ptr<boost::asio::ssl::context> tls,
                                       std::shared_ptr<const Site> site, ServerState& server);
// Only processes of this user are served.
boost::asio::awaitable<void> AcceptUnix(boost::asio::local::stream_protocol::acceptor& acceptor,
                                        std::shared_ptr<const Site> site, ServerState& server);

}  // namespace coderank::http
