#include "support/http_server.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <cstdlib>

namespace coderank::testing {
namespace {

constexpr int kLook = 20;  // ms between looks at whether the server stops

[[noreturn]] void Die(const char* what) {
  std::perror(what);
  std::abort();
}

// Waits for `events`; false once the server stops.
bool Await(int fd, short events, const std::atomic<bool>& stopping) {
  while (!stopping) {
    pollfd entry{.fd = fd, .events = events, .revents = 0};
    if (::poll(&entry, 1, kLook) > 0) return true;
  }
  return false;
}

std::string ReadHead(int fd, const std::atomic<bool>& stopping) {
  std::string head;
  std::array<char, 4096> block{};
  while (head.find("\r\n\r\n") == std::string::npos && Await(fd, POLLIN, stopping)) {
    const ssize_t got = ::recv(fd, block.data(), block.size(), 0);
    if (got <= 0) break;
    head.append(block.data(), static_cast<size_t>(got));
  }
  return head;
}

ServedRequest ParseHead(const std::string& head) {
  ServedRequest request;
  request.method = head.substr(0, head.find(' '));
  const size_t start = head.find(' ') + 1;
  request.target = head.substr(start, head.find(' ', start) - start);
  size_t line = head.find("\r\n") + 2;
  for (size_t end = 0; (end = head.find("\r\n", line)) != std::string::npos; line = end + 2) {
    const size_t colon = head.find(": ", line);
    if (colon >= end) continue;
    std::string name = head.substr(line, colon - line);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    request.headers[name] = head.substr(colon + 2, end - colon - 2);
  }
  return request;
}

// The rest of a body whose beginning came with the head.
void ReadBody(int fd, const std::atomic<bool>& stopping, ServedRequest& request) {
  const size_t length = std::strtoull(request.Header("content-length").c_str(), nullptr, 10);
  std::array<char, 4096> block{};
  while (request.body.size() < length && Await(fd, POLLIN, stopping)) {
    const ssize_t got = ::recv(fd, block.data(), block.size(), 0);
    if (got <= 0) break;
    request.body.append(block.data(), static_cast<size_t>(got));
  }
}

}  // namespace

bool ServedConnection::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    if (!Await(fd_, POLLOUT, stopping_)) return false;
    const ssize_t put = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put < 0 && errno == EAGAIN) continue;
    if (put <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(put));
  }
  return true;
}

void ServedConnection::Reply(int status, const std::vector<std::string>& headers,
                             std::string_view body) {
  std::string head = "HTTP/1.1 " + std::to_string(status) + " Scripted\r\nConnection: close\r\n";
  for (const std::string& header : headers) head += header + "\r\n";
  head += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  if (Send(head)) Send(body);
}

void ServedConnection::Hang() {
  std::array<char, 64> rest{};
  while (Await(fd_, POLLIN, stopping_)) {
    if (::recv(fd_, rest.data(), rest.size(), 0) <= 0) return;
  }
}

void ServedConnection::Reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

HttpServer::HttpServer(Script script) : script_(std::move(script)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (listener_ < 0 || ::bind(listener_, generic, length) != 0 || ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, generic, &length) != 0) {
    Die("test server");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { Accept(); });
}

HttpServer::~HttpServer() {
  stopping_ = true;
  acceptor_.join();
  for (std::thread& connection : connections_) connection.join();
  ::close(listener_);
}

void HttpServer::Accept() {
  while (Await(listener_, POLLIN, stopping_)) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd >= 0) connections_.emplace_back([this, fd] { Serve(fd); });
  }
}

void HttpServer::Serve(int fd) {
  const std::string head = ReadHead(fd, stopping_);
  if (const size_t end = head.find("\r\n\r\n"); end != std::string::npos) {
    ServedRequest request = ParseHead(head);
    request.body = head.substr(end + 4);
    ReadBody(fd, stopping_, request);
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    ServedConnection connection(fd, stopping_);
    script_(request, connection);
  }
  ::close(fd);
}

std::vector<ServedRequest> HttpServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

}  // namespace coderank::testing
