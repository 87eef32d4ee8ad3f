#include "http/router.h"

#include "base/strings.h"

namespace coderank::http {
namespace {

void AddMethod(std::string_view method, std::string& list) {
  list += StrCat(list.empty() ? "" : ", ", method);
}

}  // namespace

Router::Match Router::Find(std::string_view method, std::string_view path) const {
  Match match;
  for (const Route& route : routes_) {
    if (route.path != path) continue;
    AddMethod(route.method, match.allow);
    if (route.method == "GET") AddMethod("HEAD", match.allow);
    const bool fits = route.method == method || (method == "HEAD" && route.method == "GET");
    if (fits && match.route == nullptr) match.route = &route;
  }
  return match;
}

}  // namespace coderank::http
