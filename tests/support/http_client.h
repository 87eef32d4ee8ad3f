// An HTTP client that says exactly what a test wants, right or wrong.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace coderank::testing {

struct HttpReply {
  int status = 0;                              // 0: the connection ended before an answer
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;

  nlohmann::json Json() const { return nlohmann::json::parse(body, nullptr, false); }
  std::string Header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

// A connection. Waits for a minute at most; what has not come then has not come.
class HttpConnection {
 public:
  explicit HttpConnection(int port);  // on 127.0.0.1
  explicit HttpConnection(const std::filesystem::path& socket);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  bool connected() const { return connected_; }
  // False when the other side has closed.
  bool Send(std::string_view bytes);
  // Nothing more will be sent; answers can still be read.
  void HalfClose();
  // The next answer; `head`: it has no body, whatever its headers say.
  HttpReply Read(bool head = false);
  // Whether the server closes without sending anything more.
  bool IsClosed();
  // The bytes that come, up to and with `end`; fewer when the connection ends.
  std::string ReadUntil(std::string_view end);

 private:
  bool Fill();

  int fd_ = -1;
  bool connected_ = false;
  std::string buffer_;
};

// "METHOD target HTTP/1.1" with Host, the headers given ("Name: value\r\n" each) and a body.
std::string HttpText(const std::string& method, const std::string& target,
                     const std::string& headers = {}, const std::string& body = {});

}  // namespace coderank::testing
