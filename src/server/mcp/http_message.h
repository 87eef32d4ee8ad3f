// What the Streamable HTTP transport sees of HTTP, whoever reads and writes it.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coderank::server::mcp {

struct HttpRequest {
  std::string method;                                       // "POST"
  std::map<std::string, std::string, std::less<>> headers;  // names in lower case
  std::string body;

  // Empty when there is no such header.
  std::string_view Header(std::string_view name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
  }
};

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// The answer to one request: Reply once, or Begin, any number of Write, and End. Called on any
// thread, one call at a time.
class HttpReply {
 public:
  virtual ~HttpReply() = default;
  virtual void Reply(int status, HttpHeaders headers, std::string body) = 0;
  // 200, with a body that comes in pieces.
  virtual void Begin(HttpHeaders headers) = 0;
  // False when nobody reads any more.
  virtual bool Write(std::string_view piece) = 0;
  virtual void End() = 0;
};

}  // namespace coderank::server::mcp
