#include "server/daemon/private_client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "base/file.h"
#include "base/socket_peer.h"
#include "base/strings.h"
#include "base/try.h"
#include "server/daemon/embeddings_request.h"
#include "server/daemon/wire.h"

namespace coderank::server {
namespace {

using Clock = std::chrono::steady_clock;

// A server says every second that it is alive.
constexpr std::chrono::seconds kSilence{5};
constexpr std::chrono::milliseconds kLook{50};
// A thousand results with their snippets are some 3 MB.
constexpr size_t kMostLine = size_t{64} << 20;
constexpr size_t kMostHead = size_t{16} << 10;

Status Lost(std::string_view why) { return Unavailable(StrCat("the coderank server ", why)); }

Result<UniqueFd> Connect(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.native().size() >= sizeof(address.sun_path)) return Lost("has too long a path");
  std::memcpy(address.sun_path, path.c_str(), path.native().size());
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return Lost("cannot be reached: no socket");
  // Of a Unix socket this succeeds or fails at once.
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return Lost("does not run");
  }
  // A socket in a folder of ours is no proof.
  if (!PeerIsThisUser(fd.get())) return Lost("is not of this user");
  return fd;
}

// Bytes with a limit on silence, and lines of them.
class Connection {
 public:
  Connection(UniqueFd fd, const CancellationToken* cancel) : fd_(std::move(fd)), cancel_(cancel) {}

  Status Send(std::string_view bytes) {
    while (!bytes.empty()) {
      CODERANK_TRY(WaitFor(POLLOUT));
      const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && (errno == EAGAIN || errno == EINTR)) continue;
      if (sent <= 0) return Lost("closed the connection");
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return OkStatus();
  }

  // Without its end.
  Result<std::string> Line(size_t most) {
    for (size_t searched = 0;;) {
      const size_t end = buffer_.find('\n', searched);
      if (end != std::string::npos) {
        std::string line = buffer_.substr(0, end);
        buffer_.erase(0, end + 1);
        return line;
      }
      searched = buffer_.size();
      if (searched > most) return Lost("sent too long a line");
      CODERANK_TRY(Fill());
    }
  }

 private:
  Status Fill() {
    CODERANK_TRY(WaitFor(POLLIN));
    std::array<char, size_t{64} << 10> block{};
    const ssize_t got = ::recv(fd_.get(), block.data(), block.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return OkStatus();
    if (got <= 0) return Lost("ended without an answer");
    buffer_.append(block.data(), static_cast<size_t>(got));
    return OkStatus();
  }

  Status WaitFor(short event) const {
    const auto end = Clock::now() + kSilence;
    for (;;) {
      pollfd state{.fd = fd_.get(), .events = event, .revents = 0};
      if (::poll(&state, 1, static_cast<int>(kLook.count())) > 0) return OkStatus();
      if (IsCancelled(cancel_)) return Cancelled("the call was cancelled");
      if (Clock::now() >= end) return Lost("does not answer");
    }
  }

  UniqueFd fd_;
  const CancellationToken* cancel_;
  std::string buffer_;
};

// HTTP/1.0: the answer comes as it is, until the connection closes.
std::string RequestText(const char* method, const std::string& body) {
  return StrCat("POST /call/", method, " HTTP/1.0\r\nContent-Type: application/json\r\n",
                "Content-Length: ", body.size(), "\r\n\r\n", body);
}

Status ReadHead(Connection& connection) {
  CODERANK_ASSIGN(const std::string first, connection.Line(kMostHead));
  for (size_t total = 0; total < kMostHead;) {
    CODERANK_ASSIGN(const std::string line, connection.Line(kMostHead));
    if (line.empty() || line == "\r") {
      if (first.starts_with("HTTP/1.1 200 ")) return OkStatus();
      return Lost(StrCat("refuses: ", first.substr(0, first.find('\r'))));
    }
    total += line.size();
  }
  return Lost("sent too long a head");
}

}  // namespace

Result<Json> PrivateClient::Exchange(const char* method, Json request,
                                     const CallContext& context) const {
  CODERANK_ASSIGN(UniqueFd fd, Connect(socket_));
  Connection connection(std::move(fd), context.cancel);
  const Json call = {{"identity", identity_},
                     {"keeps_first_index", context.keeps_first_index},
                     {"request", std::move(request)}};
  // A path that is no UTF-8 would reach the server as another one.
  std::string body;
  try {
    body = call.dump();
  } catch (const Json::type_error&) {
    return Lost("takes UTF-8 only");
  }
  CODERANK_TRY(connection.Send(RequestText(method, body)));
  CODERANK_TRY(ReadHead(connection));
  for (;;) {
    CODERANK_ASSIGN(const std::string line, connection.Line(kMostLine));
    if (line.empty()) continue;
    Json message = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!message.is_object() || message.size() != 1) return Lost("sent a malformed line");
    const std::string kind = message.begin().key();
    Json& value = message.begin().value();
    if (kind == "answer") return std::move(value);
    if (kind == "error") return wire::DecodeError(value);
    if (kind != "progress") return Lost("sent an unknown line");
    const auto progress = wire::Decode<IndexProgress>(value);
    if (progress && context.progress) context.progress(*progress);
  }
}

template <typename Report, typename Request>
Result<Report> PrivateClient::Call(const char* method, const Request& request,
                                   const CallContext& context) const {
  CODERANK_ASSIGN(const Json answer, Exchange(method, wire::Encode(request), context));
  auto report = wire::Decode<Report>(answer);
  if (!report) return Lost(StrCat("sent a malformed answer: ", report.error().message()));
  return report;
}

Readiness PrivateClient::readiness() const {
  const auto connection = Connect(socket_);
  if (connection) return {.ready = true, .activity = {}, .error = {}};
  return {.ready = false, .activity = {}, .error = connection.error()};
}

Result<SearchReport> PrivateClient::Search(const SearchRequest& request,
                                           const CallContext& context) {
  return Call<SearchReport>("search", request, context);
}

Result<SearchReport> PrivateClient::FindRelated(const RelatedRequest& request,
                                                const CallContext& context) {
  return Call<SearchReport>("related", request, context);
}

Result<StatusReport> PrivateClient::IndexStatus(const StatusRequest& request,
                                                const CallContext& context) {
  return Call<StatusReport>("status", request, context);
}

Result<IndexReport> PrivateClient::Refresh(const IndexRequest& request,
                                           const CallContext& context) {
  return Call<IndexReport>("refresh", request, context);
}

Result<EmbeddingsReport> PrivateClient::Embed(std::string_view model,
                                              std::span<const std::string_view> texts,
                                              const EmbedRequest& request,
                                              const CallContext& context) {
  return Call<EmbeddingsReport>("embed",
                                EmbeddingsRequest{.model = std::string(model),
                                                  .texts = {texts.begin(), texts.end()},
                                                  .query = request.query,
                                                  .normalize = request.normalize},
                                context);
}

Result<RerankingReport> PrivateClient::Rerank(const RerankingRequest& request,
                                              const CallContext& context) {
  return Call<RerankingReport>("rerank", request, context);
}

Result<CollectionSearchReport> PrivateClient::SearchCollections(
    const CollectionSearchRequest& request, const CallContext& context) {
  return Call<CollectionSearchReport>("search_collections", request, context);
}

}  // namespace coderank::server
