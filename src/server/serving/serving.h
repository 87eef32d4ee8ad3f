// Serving: one process that keeps models and indexes warm for all who ask: over HTTP, and over a
// private socket for the user's own programs.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "coderank/cancellation.h"
#include "coderank/engine.h"
#include "http/router.h"
#include "http/server.h"
#include "server/bound_service.h"
#include "server/engine_service.h"
#include "server/metrics.h"
#include "server/serving/mcp_routes.h"

namespace coderank::server {

struct ServingOptions {
  EngineOptions engine;
  std::vector<std::filesystem::path> folders;  // that may be asked about over HTTP
  std::optional<http::TcpAddress> listen;      // no value: no TCP
  std::optional<http::TlsFiles> tls;
  std::optional<std::filesystem::path> socket;  // for HTTP, besides TCP
  bool without_token = false;                   // on loopback only
  bool insecure = false;                        // another address than loopback, without TLS
  std::chrono::minutes idle_exit{0};            // 0: never
  http::Limits limits;
};

class Serving {
 public:
  // Checks the options, binds the addresses and begins to answer; models are loaded behind.
  static Result<std::unique_ptr<Serving>> Start(ServingOptions options);
  ~Serving();  // see Stop

  // "http://127.0.0.1:7411/?token=...": all there is to give to a program.
  const std::vector<std::string>& addresses() const { return addresses_; }
  const std::vector<std::string>& notes() const { return notes_; }

  // Until the token is set or nobody has asked for as long as the options say.
  void WaitFor(const CancellationToken& stop);
  // Lets running requests end for some seconds, then cancels them.
  void Stop();

 private:
  explicit Serving(ServingOptions options) : options_(std::move(options)) {}
  Status CheckOptions() const;
  Status Open();
  Status ListenTcp();
  Status ListenPrivately();
  http::Router PublicRouter();
  std::vector<Gauge> Gauges() const;

  ServingOptions options_;
  std::vector<std::string> addresses_;
  std::vector<std::string> notes_;
  Metrics metrics_;
  UniqueFd claim_;  // of the private socket
  std::unique_ptr<EngineService> service_;
  std::unique_ptr<BoundService> bound_;
  std::unique_ptr<McpRoutes> mcp_;
  std::unique_ptr<http::Server> server_;  // last: its handlers use the rest
};

}  // namespace coderank::server
