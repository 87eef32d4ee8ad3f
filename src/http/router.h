// Which handler answers which request.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/exchange.h"

namespace coderank::http {

// May keep the exchange and answer later, from another thread.
using Handler = std::function<void(std::unique_ptr<Exchange>)>;

struct Route {
  std::string method;
  std::string path;  // compared as it is sent: "/search"
  Handler handler;
  bool open = false;   // needs no token
  bool quick = false;  // takes microseconds: answered even when every handler is taken
  std::optional<size_t> body_bytes;               // instead of Limits::body_bytes
  std::optional<std::chrono::milliseconds> time;  // instead of Limits::request_time; 0: none
};

// Immutable once a server has it.
class Router {
 public:
  void Add(Route route) { routes_.push_back(std::move(route)); }

  struct Match {
    const Route* route = nullptr;  // null: no such path (404), or `allow` says which methods (405)
    std::string allow;             // "GET, HEAD"
  };
  // A GET route answers HEAD too.
  Match Find(std::string_view method, std::string_view path) const;
  const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
};

}  // namespace coderank::http
