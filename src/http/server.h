// An HTTP/1.1 server on TCP, TLS and Unix sockets.
//
// It knows requests, limits and connections; what is asked and answered is the routes' business.
// One thread does all input and output, handlers run on threads of their own.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "coderank/result.h"
#include "http/access.h"
#include "http/limits.h"
#include "http/router.h"

namespace coderank::http {

struct TlsFiles {
  std::filesystem::path certificate;
  std::filesystem::path key;
};

struct TcpAddress {
  std::string host;   // an IP address or a name
  uint16_t port = 0;  // 0: the system chooses
};

struct Activity {
  size_t connections = 0;
  size_t requests = 0;  // worked on
  std::chrono::duration<double> since_last{0};
};

// Of a request that is over: the route's path ("" where none matched), its status (0: none was
// sent) and time. Called on the server's thread.
using Observer = std::function<void(const std::string& route, int status, double seconds)>;

// Listen before Start. Not thread-safe but for activity().
class Server {
 public:
  Server(Limits limits, Observer observer);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Returns the address bound, with the port that the system chose.
  Result<TcpAddress> ListenTcp(const TcpAddress& address, const std::optional<TlsFiles>& tls,
                               Router router, AccessRules access);
  // `path` must not exist; the socket is for this user alone, and removed by Stop.
  Status ListenUnix(const std::filesystem::path& path, Router router);

  void Start();
  // Takes no more requests, lets those under way end, cancels what takes longer than `grace`, and
  // returns when nothing runs any more.
  void Stop(std::chrono::milliseconds grace);
  Activity activity() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Whether connections to a Unix socket are refused.
bool NobodyListens(const std::filesystem::path& path);

// Whether the address is one of this machine alone; names are resolved.
Result<bool> IsLoopback(const TcpAddress& address);

}  // namespace coderank::http
