// HTTP URLs: parsing, origins, and where a redirect may lead. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "coderank/result.h"

namespace coderank {

struct Url {
  std::string text;    // normalised, without a fragment
  std::string scheme;  // "http" or "https"
  std::string host;    // lower case; IPv6 addresses in brackets
  std::string port;    // the scheme's default when the text names none
};

// kInvalidArgument unless `text` is an absolute http or https URL without user name and password:
// a secret in a URL would end up in logs and messages.
Result<Url> ParseUrl(std::string_view text);

// The same scheme, host and port: what a secret meant for one may be sent to.
bool SameOrigin(const Url& a, const Url& b);

// The machine itself, where plain http cannot be overheard.
bool IsLoopback(const Url& url);

// Where the Location header `location`, absolute or relative, leads from `from`.
// kPermissionDenied when it would leave https for http.
Result<Url> RedirectTarget(const Url& from, std::string_view location);

// Everything but letters, digits and "-._~" as %XX.
std::string PercentEncode(std::string_view text);

}  // namespace coderank
