// Requests and responses as values: what handlers see of HTTP.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coderank::http {

struct Request {
  std::string method;                                       // "GET"
  std::string path;                                         // "/search", without the query
  std::vector<std::pair<std::string, std::string>> query;   // decoded, in order
  std::map<std::string, std::string, std::less<>> headers;  // names in lower case
  std::string body;
  bool from_socket = false;  // it came over a Unix socket: from this user, on this machine

  // Empty when there is no such header; `name` in lower case.
  std::string_view Header(std::string_view name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
  }
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

// {"error":{"code":...,"message":...}}. `message` is escaped, ill-formed UTF-8 in it replaced.
Response ErrorResponse(int status, std::string_view code, std::string_view message);

}  // namespace coderank::http
