#include "http/access.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

#include "base/ascii.h"
#include "base/sha256.h"
#include "base/strings.h"

namespace coderank::http {
namespace {

// "[::1]:80" and "localhost:80" without port and brackets; empty when malformed.
std::string NameOf(std::string_view host) {
  const bool brackets = host.starts_with('[');
  const size_t end = brackets ? host.find(']') : host.find(':');
  if (brackets && end == std::string_view::npos) return "";
  const std::string_view name = host.substr(brackets ? 1 : 0, end - (brackets ? 1 : 0));
  const std::string_view rest =
      end == std::string_view::npos ? std::string_view() : host.substr(end + (brackets ? 1 : 0));
  const bool port = rest.empty() || (rest.size() > 1 && rest[0] == ':' &&
                                     rest.find_first_not_of("0123456789", 1) == rest.npos);
  return port ? AsciiLower(name) : "";
}

bool IsAddress(const std::string& name) {
  boost::system::error_code error;
  boost::asio::ip::make_address(name, error);
  return !error;
}

bool IsKnownHost(const AccessRules& rules, std::string_view host) {
  const std::string name = NameOf(host);
  return name == "localhost" || IsAddress(name) ||
         std::find(rules.host_names.begin(), rules.host_names.end(), name) !=
             rules.host_names.end();
}

// A page of this server itself, or a program, which sends no Origin.
bool IsOwnOrigin(std::string_view origin, std::string_view host) {
  if (origin.empty()) return true;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (origin.starts_with(scheme)) {
      return EqualIgnoringCase(origin.substr(scheme.size()), host);
    }
  }
  return false;
}

bool HasToken(const AccessRules& rules, Request& request) {
  constexpr std::string_view kScheme = "bearer ";
  const std::string_view header = request.Header("authorization");
  bool good = false;
  if (header.size() > kScheme.size() &&
      EqualIgnoringCase(header.substr(0, kScheme.size()), kScheme)) {
    good = EqualInConstantTime(header.substr(kScheme.size()), rules.token);
  }
  auto& query = request.query;
  for (auto pair = query.begin(); pair != query.end();) {
    if (pair->first != "token") {
      ++pair;
      continue;
    }
    good = EqualInConstantTime(pair->second, rules.token) || good;
    pair = query.erase(pair);
  }
  return good;
}

}  // namespace

// By their hashes: the length of the right one does not show either.
bool EqualInConstantTime(std::string_view a, std::string_view b) {
  const Sha256Digest left = Sha256Of(a);
  const Sha256Digest right = Sha256Of(b);
  unsigned differing = 0;
  for (size_t i = 0; i < left.size(); ++i) {
    differing |= static_cast<unsigned>(left[i] ^ right[i]);
  }
  return differing == 0;
}

std::optional<Response> CheckAccess(const AccessRules& rules, bool open, Request& request) {
  const bool token = HasToken(rules, request);
  if (request.from_socket) return std::nullopt;
  const std::string_view host = request.Header("host");
  if (!IsKnownHost(rules, host)) {
    return ErrorResponse(403, "permission_denied",
                         StrCat("Host: expected an IP address, localhost or the name that the "
                                "server listens on, found \"",
                                host, "\""));
  }
  if (!IsOwnOrigin(request.Header("origin"), host)) {
    return ErrorResponse(403, "permission_denied",
                         StrCat("Origin: expected none, or that of this server, found \"",
                                request.Header("origin"), "\""));
  }
  if (open || rules.token.empty() || token) return std::nullopt;
  Response refusal =
      ErrorResponse(401, "unauthenticated",
                    "expected the header `Authorization: Bearer TOKEN` with the token from the "
                    "URL that `coderank serve` printed; it stands in the file that it named");
  refusal.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"coderank\"");
  return refusal;
}

}  // namespace coderank::http
