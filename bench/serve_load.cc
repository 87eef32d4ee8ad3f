// The client side of bench/serve/run: keeps a number of connections busy with searches.
//
//   serve_load http PORT TOKEN FOLDER CLIENTS SECONDS QUERIES   asks a running `coderank serve`
//   serve_load mcp PORT TOKEN FOLDER CLIENTS SECONDS QUERIES    the same, as agents do
//   serve_load inside FOLDER CLIENTS SECONDS QUERIES            asks an EngineService of its own
//
// QUERIES holds one query a line. Prints one JSON object: requests, errors, seconds, and the
// percentiles of the time of a request in milliseconds.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "coderank/engine.h"
#include "server/engine_service.h"

namespace coderank::bench {
namespace {

using Clock = std::chrono::steady_clock;

std::vector<std::string> ReadLines(const char* path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

std::string Encoded(const std::string& text) {
  std::string out;
  for (const char c : text) {
    std::array<char, 4> escape{};
    std::snprintf(escape.data(), escape.size(), "%%%02x", static_cast<unsigned char>(c));
    out += escape.data();
  }
  return out;
}

struct Reply {
  std::string head;
  std::string body;
  bool good() const { return head.starts_with("HTTP/1.1 200 "); }
};

// One kept-alive connection.
class Client {
 public:
  Client(int port, std::string token) : token_(std::move(token)) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    good_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  }
  ~Client() { ::close(fd_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // `target`: "GET /search?q=a". An answer without a head when the connection is lost.
  Reply Ask(const std::string& target, const std::string& headers, const std::string& body) {
    const std::string request =
        StrCat(target, " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ", token_, "\r\n",
               headers, "Content-Length: ", body.size(), "\r\n\r\n", body);
    if (!good_ || ::send(fd_, request.data(), request.size(), MSG_NOSIGNAL) < 0) return {};
    size_t head = std::string::npos;
    while ((head = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!Fill()) return {};
    }
    const size_t length = buffer_.find("Content-Length: ");
    const size_t size =
        length < head ? std::strtoull(buffer_.c_str() + length + 16, nullptr, 10) : 0;
    while (buffer_.size() < head + 4 + size) {
      if (!Fill()) return {};
    }
    Reply reply{.head = buffer_.substr(0, head + 2), .body = buffer_.substr(head + 4, size)};
    buffer_.erase(0, head + 4 + size);
    return reply;
  }

 private:
  bool Fill() {
    std::array<char, size_t{64} << 10> block{};
    const ssize_t got = ::recv(fd_, block.data(), block.size(), 0);
    good_ = got > 0;
    if (good_) buffer_.append(block.data(), static_cast<size_t>(got));
    return good_;
  }

  std::string token_;
  int fd_ = -1;
  bool good_ = false;
  std::string buffer_;
};

// A session of an agent.
class Agent {
 public:
  Agent(int port, std::string token, std::string folder)
      : client_(port, std::move(token)), folder_(std::move(folder)) {
    const Reply reply = Send("initialize", R"({"protocolVersion":"2025-11-25","capabilities":{},)"
                                           R"("clientInfo":{"name":"serve_load","version":"1"}})");
    constexpr std::string_view kSession = "Mcp-Session-Id: ";
    const size_t found = reply.head.find(kSession);
    if (found == std::string::npos) return;
    const size_t end = reply.head.find("\r\n", found);
    session_ = reply.head.substr(found, end + 2 - found);
    client_.Ask("POST /mcp", Headers(),
                R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
  }

  bool Search(const std::string& query) {
    const Reply reply = Send("tools/call", StrCat(R"({"name":"search_code","arguments":{"query":")",
                                                  query, R"(","directory":")", folder_, "\"}}"));
    return reply.good() && reply.body.find("\"isError\":true") == std::string::npos &&
           reply.body.find("\"result\"") != std::string::npos;
  }

 private:
  std::string Headers() const {
    return StrCat("Content-Type: application/json\r\n",
                  "Accept: application/json, text/event-stream\r\n",
                  "MCP-Protocol-Version: 2025-11-25\r\n", session_);
  }
  Reply Send(const std::string& method, const std::string& parameters) {
    return client_.Ask("POST /mcp", Headers(),
                       StrCat(R"({"jsonrpc":"2.0","id":)", ++id_, R"(,"method":")", method,
                              R"(","params":)", parameters, "}"));
  }

  Client client_;
  std::string folder_;
  std::string session_;  // as a header
  int id_ = 0;
};

using Ask = std::function<bool(const std::string&)>;

double Percentile(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto index = static_cast<size_t>(share * static_cast<double>(sorted.size() - 1) + 0.5);
  return sorted[index];
}

// `make_client` gives each thread its own.
int Run(size_t clients, double seconds, const std::vector<std::string>& queries,
        const std::function<Ask()>& make_client) {
  std::vector<std::vector<double>> times(clients);
  std::atomic<size_t> errors{0};
  std::vector<std::thread> threads;
  const auto start = Clock::now();
  const auto end =
      start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  for (size_t c = 0; c < clients; ++c) {
    threads.emplace_back([&, c] {
      const Ask ask = make_client();
      // Clients begin at different queries, so that they do not ask the same at once.
      for (size_t i = c * 7; Clock::now() < end; ++i) {
        const auto before = Clock::now();
        if (!ask(queries[i % queries.size()])) ++errors;
        times[c].push_back(
            std::chrono::duration<double, std::milli>(Clock::now() - before).count());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double took = std::chrono::duration<double>(Clock::now() - start).count();
  std::vector<double> all;
  for (const auto& list : times) all.insert(all.end(), list.begin(), list.end());
  std::sort(all.begin(), all.end());
  std::printf(
      "{\"clients\":%zu,\"requests\":%zu,\"errors\":%zu,\"seconds\":%.3f,\"p50\":%.3f,"
      "\"p95\":%.3f,\"p99\":%.3f}\n",
      clients, all.size(), errors.load(), took, Percentile(all, 0.5), Percentile(all, 0.95),
      Percentile(all, 0.99));
  return errors == 0 ? 0 : 1;
}

int RunHttp(char** words) {
  const int port = std::atoi(words[0]);
  const std::string token = words[1];
  const std::string folder = words[2];
  return Run(std::strtoull(words[3], nullptr, 10), std::atof(words[4]), ReadLines(words[5]), [&] {
    return [client = std::make_shared<Client>(port, token), folder](const std::string& query) {
      const std::string target =
          StrCat("GET /search?q=", Encoded(query), "&directory=", Encoded(folder));
      return client->Ask(target, "", "").good();
    };
  });
}

int RunMcp(char** words) {
  const int port = std::atoi(words[0]);
  const std::string token = words[1];
  const std::string folder = words[2];
  return Run(std::strtoull(words[3], nullptr, 10), std::atof(words[4]), ReadLines(words[5]), [&] {
    return [agent = std::make_shared<Agent>(port, token, folder)](const std::string& query) {
      return agent->Search(query);
    };
  });
}

int RunInside(char** words) {
  // As the program does: without a parser the index would be made anew, cut by lines.
  EngineOptions engine;
  engine.syntax_worker = OwnSyntaxWorker();
  auto service = server::EngineService::Open({.engine = engine, .folders = {words[0]}});
  if (!service) {
    std::fprintf(stderr, "serve_load: %s\n", service.error().message().c_str());
    return 2;
  }
  (*service)->Start();
  while (!(*service)->readiness().ready) std::this_thread::yield();
  return Run(std::strtoull(words[1], nullptr, 10), std::atof(words[2]), ReadLines(words[3]), [&] {
    return [&, folder = std::string(words[0])](const std::string& query) {
      return (*service)->Search({.query = query, .directory = folder}, {}).has_value();
    };
  });
}

}  // namespace
}  // namespace coderank::bench

int main(int argc, char** argv) {
  if (coderank::IsOwnSyntaxWorker(argc, argv)) return coderank::ServeSyntaxWorker();
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "http" && argc == 8) return coderank::bench::RunHttp(argv + 2);
  if (mode == "mcp" && argc == 8) return coderank::bench::RunMcp(argv + 2);
  if (mode == "inside" && argc == 6) return coderank::bench::RunInside(argv + 2);
  std::fprintf(stderr, "serve_load: see the comment at the top of bench/serve_load.cc\n");
  return 2;
}
