#include "support/http_client.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>

namespace coderank::testing {
namespace {

constexpr int kMinute = 60'000;  // milliseconds

std::string InLowerCase(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

// "Name: value\r\n" for each header.
std::map<std::string, std::string> HeadersOf(const std::string& head) {
  std::map<std::string, std::string> headers;
  size_t at = head.find("\r\n");
  while (at != std::string::npos) {
    const size_t start = at + 2;
    at = head.find("\r\n", start);
    const std::string line = head.substr(start, at == std::string::npos ? at : at - start);
    const size_t colon = line.find(": ");
    if (colon != std::string::npos) {
      headers[InLowerCase(line.substr(0, colon))] = line.substr(colon + 2);
    }
  }
  return headers;
}

}  // namespace

HttpConnection::HttpConnection(int port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
}

HttpConnection::HttpConnection(const std::filesystem::path& socket)
    : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket.native().size() >= sizeof(address.sun_path)) std::abort();
  std::memcpy(address.sun_path, socket.c_str(), socket.native().size());
  connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
}

HttpConnection::~HttpConnection() { ::close(fd_); }

bool HttpConnection::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

void HttpConnection::HalfClose() { ::shutdown(fd_, SHUT_WR); }

bool HttpConnection::Fill() {
  pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
  if (::poll(&waiting, 1, kMinute) <= 0) return false;
  std::array<char, 16384> block{};
  const ssize_t got = ::recv(fd_, block.data(), block.size(), 0);
  if (got <= 0) return false;
  buffer_.append(block.data(), static_cast<size_t>(got));
  return true;
}

std::string HttpConnection::ReadUntil(std::string_view end) {
  size_t found = buffer_.find(end);
  while (found == std::string::npos && Fill()) found = buffer_.find(end);
  const size_t length = found == std::string::npos ? buffer_.size() : found + end.size();
  std::string taken = buffer_.substr(0, length);
  buffer_.erase(0, length);
  return taken;
}

HttpReply HttpConnection::Read(bool head) {
  const std::string text = ReadUntil("\r\n\r\n");
  HttpReply reply;
  if (!text.starts_with("HTTP/1.1 ") || !text.ends_with("\r\n\r\n")) return reply;
  reply.status = std::atoi(text.c_str() + 9);
  reply.headers = HeadersOf(text);
  if (head) return reply;
  const size_t length = std::strtoull(reply.Header("content-length").c_str(), nullptr, 10);
  while (buffer_.size() < length && Fill()) {
  }
  reply.body = buffer_.substr(0, length);
  buffer_.erase(0, length);
  return reply;
}

bool HttpConnection::IsClosed() { return buffer_.empty() && !Fill(); }

std::string HttpText(const std::string& method, const std::string& target,
                     const std::string& headers, const std::string& body) {
  std::string text = method + " " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + headers;
  if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return text + "\r\n" + body;
}

}  // namespace coderank::testing
