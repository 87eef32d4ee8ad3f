// A scripted HTTP server on the loopback interface, for tests of what clients do with good and bad
// replies. One request a connection; the script writes the reply as it likes.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace coderank::testing {

struct ServedRequest {
  std::string method;
  std::string target;                          // "/path?query", or a whole URL to a proxy
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;                            // of Content-Length bytes

  bool Has(const std::string& name) const { return headers.count(name) != 0; }
  std::string Header(const std::string& name) const { return Has(name) ? headers.at(name) : ""; }
};

// The server's end of a connection. Closed when the script returns.
class ServedConnection {
 public:
  ServedConnection(int fd, const std::atomic<bool>& stopping) : fd_(fd), stopping_(stopping) {}

  // False when the client has left.
  bool Send(std::string_view bytes);
  // Status line, headers ("Name: value"), Content-Length and body.
  void Reply(int status, const std::vector<std::string>& headers, std::string_view body);
  // Sends nothing more until the client leaves or the server stops.
  void Hang();
  // Ends the connection with a reset instead of an orderly close.
  void Reset();

 private:
  int fd_;
  const std::atomic<bool>& stopping_;
};

class HttpServer {
 public:
  using Script = std::function<void(const ServedRequest&, ServedConnection&)>;

  explicit HttpServer(Script script);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const { return port_; }
  std::string url(const std::string& host = "127.0.0.1") const {
    return "http://" + host + ":" + std::to_string(port_);
  }
  std::vector<ServedRequest> requests() const;

 private:
  void Accept();
  void Serve(int fd);

  Script script_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::vector<ServedRequest> requests_;
  std::vector<std::thread> connections_;
  std::thread acceptor_;
};

}  // namespace coderank::testing
