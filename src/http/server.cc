#include "http/server.h"

#include <sys/stat.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <list>
#include <thread>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "http/listener.h"
#include "http/tls.h"

namespace coderank::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using UnixAcceptor = asio::local::stream_protocol::acceptor;

// Connections that the kernel keeps until they are accepted.
constexpr int kBacklog = 128;
constexpr size_t kMostPath = 107;  // of a Unix socket: sun_path without its end
constexpr std::chrono::milliseconds kStopLook{10};

Result<tcp::endpoint> Resolve(const TcpAddress& address) {
  ErrorCode error;
  const auto literal = asio::ip::make_address(address.host, error);
  if (!error) return tcp::endpoint(literal, address.port);
  asio::io_context context;
  tcp::resolver resolver(context);
  const auto found = resolver.resolve(address.host, std::to_string(address.port), error);
  if (error || found.empty()) {
    return InvalidArgument(
        StrCat("listen: ", address.host, ": cannot be resolved: ", error.message()));
  }
  return found.begin()->endpoint();
}

struct TcpListener {
  tcp::acceptor acceptor;
  std::shared_ptr<asio::ssl::context> tls;
  std::shared_ptr<const Site> site;
};

struct UnixListener {
  UnixAcceptor acceptor;
  std::shared_ptr<const Site> site;
  std::filesystem::path path;
};

}  // namespace

struct Server::State {
  ServerState shared;
  std::unique_ptr<HandlerThreads> threads;  // after `shared`: handlers end first
  asio::io_context context{1};
  std::list<TcpListener> tcp;
  std::list<UnixListener> local;
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work;
  std::thread thread;

  // Runs on the I/O thread and waits for it.
  template <typename Task>
  auto OnThread(Task task) {
    std::packaged_task<decltype(task())()> packaged(std::move(task));
    auto result = packaged.get_future();
    asio::post(context, [&packaged] { packaged(); });
    return result.get();
  }
};

Server::Server(Limits limits, Observer observer) : state_(std::make_unique<State>()) {
  state_->threads = std::make_unique<HandlerThreads>(limits.handlers);
  state_->shared.limits = limits;
  state_->shared.threads = state_->threads.get();
  if (observer) {
    state_->shared.observer = [observer = std::move(observer)](const Completed& completed) {
      observer(completed.route, completed.status, completed.time.count());
    };
  }
}

Server::~Server() { Stop(std::chrono::milliseconds(0)); }

Result<TcpAddress> Server::ListenTcp(const TcpAddress& address, const std::optional<TlsFiles>& tls,
                                     Router router, AccessRules access) {
  std::shared_ptr<asio::ssl::context> context;
  if (tls) {
    CODERANK_ASSIGN(context, MakeTlsContext(tls->certificate, tls->key));
  }
  CODERANK_ASSIGN(const tcp::endpoint endpoint, Resolve(address));
  tcp::acceptor acceptor(state_->context);
  ErrorCode error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(kBacklog, error);
  if (error) {
    return Unavailable(StrCat("listen: ", address.host, ":", address.port, ": ", error.message(),
                              "; choose another port with --listen HOST:PORT"));
  }
  const uint16_t port = acceptor.local_endpoint(error).port();
  auto site =
      std::make_shared<const Site>(Site{.router = std::move(router), .access = std::move(access)});
  state_->tcp.push_back(
      {.acceptor = std::move(acceptor), .tls = std::move(context), .site = std::move(site)});
  return TcpAddress{.host = address.host, .port = port};
}

Status Server::ListenUnix(const std::filesystem::path& path, Router router) {
  ErrorCode error;
  UnixAcceptor acceptor(state_->context);
  if (path.native().size() > kMostPath) {
    return InvalidArgument(StrCat(path, ": expected a path of at most ", kMostPath,
                                  " bytes for a socket, found ", path.native().size()));
  }
  acceptor.open(asio::local::stream_protocol(), error);
  // Nobody may connect between bind and chmod: the mode comes from the mask.
  const mode_t before = ::umask(0177);
  if (!error) acceptor.bind(path.native(), error);
  ::umask(before);
  if (!error) acceptor.listen(kBacklog, error);
  if (error) return Unavailable(StrCat(path, ": cannot listen: ", error.message()));
  auto site = std::make_shared<const Site>(
      Site{.router = std::move(router), .access = {}, .is_local = true});
  state_->local.push_back({.acceptor = std::move(acceptor), .site = std::move(site), .path = path});
  return OkStatus();
}

void Server::Start() {
  State& state = *state_;
  state.work.emplace(state.context.get_executor());
  for (TcpListener& listener : state.tcp) {
    asio::co_spawn(state.context,
                   AcceptTcp(listener.acceptor, listener.tls, listener.site, state.shared),
                   asio::detached);
  }
  for (UnixListener& listener : state.local) {
    asio::co_spawn(state.context, AcceptUnix(listener.acceptor, listener.site, state.shared),
                   asio::detached);
  }
  state.thread = std::thread([&state] { state.context.run(); });
}

void Server::Stop(std::chrono::milliseconds grace) {
  State& state = *state_;
  if (!state.thread.joinable()) return;
  state.OnThread([&state] {
    state.shared.stopping = true;
    for (TcpListener& listener : state.tcp) listener.acceptor.close();
    for (UnixListener& listener : state.local) listener.acceptor.close();
    for (ConnectionState* connection : state.shared.connections) {
      if (connection->silent) connection->close();
    }
  });
  for (const UnixListener& listener : state.local) {
    std::error_code ignored;
    std::filesystem::remove(listener.path, ignored);
  }
  const auto end = Clock::now() + grace;
  for (bool hurrying = false;;) {
    const Activity now = activity();
    if (now.requests == 0 && (now.connections == 0 || Clock::now() >= end)) break;
    if (!hurrying && Clock::now() >= end) {
      state.OnThread([&state] { state.shared.hurrying = true; });
      hurrying = true;
    }
    std::this_thread::sleep_for(kStopLook);
  }
  state.work.reset();
  state.context.stop();
  state.thread.join();
  state.threads.reset();
}

Activity Server::activity() const {
  const ServerState& shared = state_->shared;
  return {.connections = shared.open,
          .requests = shared.working,
          .since_last = Clock::now() - shared.last_request.load()};
}

bool NobodyListens(const std::filesystem::path& path) {
  if (path.native().size() > kMostPath) return false;
  asio::io_context context;
  asio::local::stream_protocol::socket socket(context);
  ErrorCode error;
  socket.connect(asio::local::stream_protocol::endpoint(path.native()), error);
  return error == asio::error::connection_refused;
}

Result<bool> IsLoopback(const TcpAddress& address) {
  CODERANK_ASSIGN(const tcp::endpoint endpoint, Resolve(address));
  return endpoint.address().is_loopback();
}

}  // namespace coderank::http
