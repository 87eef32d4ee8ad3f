#include "server/serving/serving.h"

#include <sys/stat.h>
#include <unistd.h>

#include <system_error>
#include <thread>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "server/daemon/private_routes.h"
#include "server/rest/routes.h"
#include "server/serving/access_token.h"
#include "server/serving/runtime_folder.h"
#include "server/web/page.h"

namespace coderank::server {
namespace {

namespace fs = std::filesystem;

// Running requests get this long to end when the server stops.
constexpr std::chrono::seconds kGrace{5};
constexpr std::chrono::milliseconds kLook{50};

// A socket that a killed server left behind: nobody answers there any more.
void RemoveStaleSocket(const fs::path& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0 || !S_ISSOCK(info.st_mode)) return;
  if (info.st_uid != ::geteuid() || !http::NobodyListens(path)) return;
  std::error_code ignored;
  fs::remove(path, ignored);
}

// "[::1]:80", "127.0.0.1:80".
std::string HostAndPort(const http::TcpAddress& address) {
  const bool is_ipv6 = address.host.find(':') != std::string::npos;
  return StrCat(is_ipv6 ? "[" : "", address.host, is_ipv6 ? "]:" : ":", address.port);
}

}  // namespace

Result<std::unique_ptr<Serving>> Serving::Start(ServingOptions options) {
  auto serving = std::unique_ptr<Serving>(new Serving(std::move(options)));
  CODERANK_TRY(serving->CheckOptions());
  CODERANK_TRY(serving->Open());
  serving->server_->Start();
  serving->service_->Start();
  return serving;
}

Serving::~Serving() { Stop(); }

Status Serving::CheckOptions() const {
  if (options_.tls && !options_.listen) return InvalidArgument("tls-cert: needs --listen");
  if (!options_.listen) return OkStatus();
  CODERANK_ASSIGN(const bool loopback, http::IsLoopback(*options_.listen));
  if (loopback) return OkStatus();
  if (options_.without_token) {
    return InvalidArgument(StrCat("no-token: expected a loopback address to listen on, found ",
                                  options_.listen->host,
                                  ", where everybody in the network could ask"));
  }
  if (!options_.tls && !options_.insecure) {
    return InvalidArgument(
        StrCat("listen: ", options_.listen->host, " can be reached from other machines, and ",
               "without TLS they can read the token and the answers; give --tls-cert and ",
               "--tls-key, or --insecure where the network is trusted"));
  }
  return OkStatus();
}

Status Serving::Open() {
  CODERANK_ASSIGN(Roots roots, Roots::Of(options_.folders));
  ServiceOptions service{.engine = options_.engine, .folders = {}};
  for (const Roots::Root& root : roots.list()) service.folders.push_back(root.folder);
  CODERANK_ASSIGN(service_, EngineService::Open(std::move(service)));
  bound_ = std::make_unique<BoundService>(*service_, std::move(roots));
  mcp_ = CoderankMcpRoutes(*bound_, service_->HasQdrantServer());
  server_ = std::make_unique<http::Server>(
      options_.limits, [this](const std::string& route, int status, double seconds) {
        metrics_.Observe(route, status, seconds);
      });
  if (options_.listen) CODERANK_TRY(ListenTcp());
  if (options_.socket) {
    RemoveStaleSocket(*options_.socket);
    CODERANK_TRY(server_->ListenUnix(*options_.socket, PublicRouter()));
    addresses_.push_back(StrCat("unix:", *options_.socket));
  }
  const Status listening = ListenPrivately();
  if (!listening.ok()) {
    notes_.push_back(StrCat("`coderank search` will not use this server: ", listening.message()));
  }
  return OkStatus();
}

Status Serving::ListenTcp() {
  http::AccessRules access{.token = {}, .host_names = {options_.listen->host}};
  std::string query;
  if (!options_.without_token) {
    CODERANK_ASSIGN(AccessToken token, UserAccessToken());
    query = StrCat("?token=", token.text);
    notes_.push_back(StrCat("the access token stands in ", token.file));
    access.token = std::move(token.text);
  }
  CODERANK_ASSIGN(
      const http::TcpAddress bound,
      server_->ListenTcp(*options_.listen, options_.tls, PublicRouter(), std::move(access)));
  addresses_.push_back(
      StrCat(options_.tls ? "https://" : "http://", HostAndPort(bound), "/", query));
  return OkStatus();
}

Status Serving::ListenPrivately() {
  CODERANK_ASSIGN(const fs::path folder, MakeRuntimeFolder());
  CODERANK_ASSIGN(claim_, ClaimPrivateSocket(folder));
  http::Router router;
  AddPrivateRoutes(*service_, options_.engine, router);
  return server_->ListenUnix(PrivateSocketIn(folder), std::move(router));
}

http::Router Serving::PublicRouter() {
  http::Router router;
  rest::AddRoutes(
      {.service = bound_.get(), .metrics = &metrics_, .gauges = [this] { return Gauges(); }},
      router);
  mcp_->Add(router);
  web::AddPage(router);
  return router;
}

std::vector<Gauge> Serving::Gauges() const {
  const ServiceLoad load = service_->load();
  const http::Activity activity = server_->activity();
  const auto number = [](size_t value) { return static_cast<double>(value); };
  return {
      {"coderank_ready", "1 once models are loaded and indexes begun.",
       service_->readiness().ready ? 1.0 : 0.0},
      {"coderank_http_connections", "Open connections.", number(activity.connections)},
      {"coderank_http_requests_running", "Requests worked on.", number(activity.requests)},
      {"coderank_searches_running", "Searches in an engine.", number(load.searches.inside)},
      {"coderank_searches_waiting", "Searches in the queue.", number(load.searches.waiting)},
      {"coderank_batches_running", "Batches of texts embedded or judged.",
       number(load.batches.inside)},
      {"coderank_batches_waiting", "Batches of texts in the queue.", number(load.batches.waiting)},
      {"coderank_indexes_waiting", "Refreshes of indexes in the queue.",
       number(load.waiting_indexes)}};
}

void Serving::WaitFor(const CancellationToken& stop) {
  const bool ends_idle = options_.idle_exit.count() > 0;
  while (!stop.IsCancelled()) {
    const http::Activity now = server_->activity();
    if (ends_idle && now.requests == 0 && now.since_last >= options_.idle_exit) return;
    std::this_thread::sleep_for(kLook);
  }
}

void Serving::Stop() {
  if (server_ != nullptr) server_->Stop(kGrace);
  server_.reset();
  mcp_.reset();
  service_.reset();
}

}  // namespace coderank::server
