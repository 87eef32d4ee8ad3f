#include "http/session.h"

#include <poll.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <optional>
#include <utility>
#include <variant>

#include "base/strings.h"
#include "http/request_reader.h"
#include "http/response_writer.h"

namespace coderank::http {
namespace {

namespace asio = boost::asio;
using asio::awaitable;

// How often it is looked whether a client that waits for its answer is still there.
constexpr std::chrono::milliseconds kLook{50};
constexpr std::chrono::milliseconds kLookOfStream{500};
constexpr std::chrono::seconds kKeepAlive{1};
// What is read and thrown away of a refused request, so that the refusal is not lost in a reset.
constexpr std::chrono::milliseconds kLinger{2'000};
constexpr size_t kLingerBytes = size_t{1} << 20;

bool HasLeft(int socket) {
  pollfd state{.fd = socket, .events = POLLRDHUP, .revents = 0};
  return ::poll(&state, 1, 0) > 0 && (state.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

// Closes so that the client reads the last answer: what it still sends is read, for a while.
awaitable<void> Linger(Transport& transport, const ServerState& server) {
  transport.ExpireAfter(kLinger);
  co_await transport.EndWriting();
  std::array<char, size_t{16} << 10> block;
  for (size_t total = 0; total < kLingerBytes && !server.hurrying;) {
    const auto [error, size] = co_await transport.Read(asio::buffer(block));
    if (error) break;
    total += size;
  }
  transport.Close();
}

// Counts itself in a number of the server's.
class Counted {
 public:
  explicit Counted(size_t& count) : count_(count) { ++count_; }
  ~Counted() { --count_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  size_t& count_;
};

// Cuts the handler off when the connection is over, however it ends.
class Detacher {
 public:
  explicit Detacher(ExchangeState& exchange) : exchange_(exchange) {}
  ~Detacher() { exchange_.Detach(); }
  Detacher(const Detacher&) = delete;
  Detacher& operator=(const Detacher&) = delete;

 private:
  ExchangeState& exchange_;
};

class Session {
 public:
  Session(Transport& transport, const Site& site, ServerState& server)
      : transport_(transport),
        site_(site),
        server_(server),
        reader_(transport, server.limits),
        writer_(transport, server.limits),
        timer_(std::make_shared<asio::steady_timer>(transport.executor())) {
    state_.close = [&transport] { transport.Close(); };
    place_ = server_.connections.insert(server_.connections.end(), &state_);
    ++server_.open;
  }
  ~Session() {
    server_.connections.erase(place_);
    --server_.open;
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  awaitable<void> Run() {
    transport_.ExpireAfter(server_.limits.header_time);
    if (co_await transport_.Handshake()) co_return;
    bool go_on = true;
    for (bool first = true; go_on && !server_.stopping; first = false) {
      go_on = co_await ServeOne(first);
    }
    co_await Linger(transport_, server_);
  }

 private:
  struct Written {
    int status;  // 0: none
    bool go_on;
  };

  // Returns whether the connection goes on.
  awaitable<bool> ServeOne(bool first) {
    state_.silent = true;
    state_.silent_since = Clock::now();
    mode_ = {};
    auto read = co_await reader_.ReadHead(first);
    const auto start = Clock::now();
    if (auto* failure = std::get_if<ReadFailure>(&read)) {
      if (failure->answer) co_await Refuse(*failure->answer, nullptr, start);
      co_return false;
    }
    RequestHead& head = std::get<RequestHead>(read);
    mode_ = {.keep_alive = head.keep_alive,
             .head_only = head.request.method == "HEAD",
             .http_1_1 = head.http_1_1};
    head.request.from_socket = site_.is_local;
    const Route* route = nullptr;
    if (const auto refusal = Check(head.request, route)) {
      mode_.keep_alive = mode_.keep_alive && !head.has_body;  // which is not read
      co_return co_await Refuse(*refusal, route, start);
    }
    if (head.has_body) {
      auto body = co_await reader_.ReadBody(route->body_bytes.value_or(server_.limits.body_bytes));
      if (auto* failure = std::get_if<ReadFailure>(&body)) {
        mode_.keep_alive = false;
        if (failure->answer) co_await Refuse(*failure->answer, route, start);
        co_return false;
      }
      head.request.body = std::get<std::string>(std::move(body));
    }
    co_return co_await Answer(std::move(head.request), *route, start);
  }

  // What can be said before the body is read.
  std::optional<Response> Check(Request& request, const Route*& route) const {
    const Router::Match match = site_.router.Find(request.method, request.path);
    route = match.route;
    auto refusal = CheckAccess(site_.access, route != nullptr && route->open, request);
    if (refusal || route != nullptr) return refusal;
    if (match.allow.empty()) {
      return ErrorResponse(404, "not_found", StrCat(request.path, ": there is no such route"));
    }
    refusal =
        ErrorResponse(405, "method_not_allowed",
                      StrCat(request.path, ": expected ", match.allow, ", found ", request.method));
    refusal->headers.emplace_back("Allow", match.allow);
    return refusal;
  }

  awaitable<bool> Refuse(const Response& refusal, const Route* route, Clock::time_point start) {
    const bool sent = co_await Send(refusal);
    Tell(route, refusal.status, start);
    co_return sent;
  }

  // Returns whether the connection goes on.
  awaitable<bool> Send(const Response& response) {
    mode_.keep_alive = mode_.keep_alive && !server_.stopping;
    const bool sent = co_await writer_.Send(response, mode_);
    co_return sent&& mode_.keep_alive;
  }

  // Hands the request on and writes what comes.
  awaitable<bool> Answer(Request request, const Route& route, Clock::time_point start) {
    state_.silent = false;
    ++server_.working;
    const std::weak_ptr<asio::steady_timer> timer = timer_;
    const auto exchange = std::make_shared<ExchangeState>(
        std::move(request), [timer, executor = transport_.executor()] {
          asio::post(executor, [timer] {
            if (const auto waiting = timer.lock()) waiting->cancel();
          });
        });
    const Detacher detacher(*exchange);
    HandOver(route, exchange);
    std::optional<Clock::time_point> deadline;
    const auto time = route.time.value_or(server_.limits.request_time);
    if (time.count() > 0) deadline = start + time;
    const Written written = co_await WriteAnswer(*exchange, deadline);
    --server_.working;
    server_.last_request = Clock::now();
    Tell(&route, written.status, start);
    co_return written.go_on;
  }

  void HandOver(const Route& route, const std::shared_ptr<ExchangeState>& exchange) {
    const auto work = [&route, exchange] {
      try {
        route.handler(std::make_unique<Exchange>(exchange));
      } catch (const std::exception&) {  // out of memory: the exchange has answered 500
      }
    };
    if (route.quick) return work();
    handler_place_ = server_.threads->Run(work);
    if (handler_place_ != nullptr) return;
    Response busy = ErrorResponse(429, "resource_exhausted",
                                  "the server works on as many requests as it can; try again");
    busy.headers.emplace_back("Retry-After", "1");
    exchange->Reply(std::move(busy));
  }

  awaitable<Written> WriteAnswer(ExchangeState& exchange,
                                 std::optional<Clock::time_point> deadline) {
    Written written{.status = 0, .go_on = false};
    auto last_write = Clock::now();
    for (;;) {
      ExchangeState::Output output = exchange.Take();
      // Whoever reads the end of an answer may ask again at once.
      if (output.ended && handler_place_ != nullptr) {
        std::exchange(handler_place_, nullptr)->GiveBack();
      }
      if (output.head) {
        written.status = output.head->status;
        if (!output.streams) {
          written.go_on = co_await Send(*output.head);
          co_return written;
        }
        if (!co_await writer_.Begin(*output.head, mode_) || mode_.head_only) co_return written;
        last_write = Clock::now();
      }
      const bool is_quiet = output.streams && output.pieces.empty() && !output.ended;
      if (is_quiet && Clock::now() - last_write >= kKeepAlive) {
        output.pieces = exchange.keep_alive();
      }
      if (!output.pieces.empty()) {
        if (!co_await writer_.Piece(output.pieces, mode_)) co_return written;
        last_write = Clock::now();
      }
      if (!output.ended) CheckEnd(exchange, deadline);
      if (output.ended || (output.streams && exchange.ended_by() != EndedBy::kNobody)) {
        const bool sent = co_await writer_.End(mode_);
        written.go_on = sent && output.ended && mode_.keep_alive && mode_.http_1_1;
        co_return written;
      }
      timer_->expires_after(output.streams ? kLookOfStream : kLook);
      co_await timer_->async_wait(asio::as_tuple(asio::use_awaitable));
    }
  }

  void CheckEnd(ExchangeState& exchange, std::optional<Clock::time_point> deadline) const {
    if (HasLeft(transport_.descriptor())) exchange.Cancel(EndedBy::kClient);
    if (deadline && Clock::now() >= *deadline) exchange.Cancel(EndedBy::kDeadline);
    if (server_.hurrying) exchange.Cancel(EndedBy::kServer);
  }

  void Tell(const Route* route, int status, Clock::time_point start) const {
    if (!server_.observer) return;
    server_.observer({.route = route == nullptr ? "" : route->path,
                      .status = status,
                      .time = Clock::now() - start});
  }

  Transport& transport_;
  const Site& site_;
  ServerState& server_;
  RequestReader reader_;
  ResponseWriter writer_;
  std::shared_ptr<asio::steady_timer> timer_;  // woken by the handler
  ConnectionState state_;
  std::list<ConnectionState*>::iterator place_;
  ResponseWriter::Mode mode_;                             // of the request under way
  std::shared_ptr<HandlerThreads::Place> handler_place_;  // of that too
};

}  // namespace

awaitable<void> RunSession(std::unique_ptr<Transport> transport, std::shared_ptr<const Site> site,
                           ServerState& server) {
  Session session(*transport, *site, server);
  co_await session.Run();
}

// The request is not waited for: a client reads an answer that comes early.
awaitable<void> TurnAway(std::unique_ptr<Transport> transport, ServerState& server) {
  const Counted counted(server.turned_away);
  transport->ExpireAfter(server.limits.header_time);
  if (co_await transport->Handshake()) co_return;
  Response full =
      ErrorResponse(503, "unavailable", "the server has as many connections as it can; try again");
  full.headers.emplace_back("Retry-After", "1");
  ResponseWriter writer(*transport, server.limits);
  if (!co_await writer.Send(full, {})) co_return;
  if (server.observer) {
    server.observer({.route = "", .status = full.status, .time = {}});
  }
  co_await Linger(*transport, server);
}

}  // namespace coderank::http
