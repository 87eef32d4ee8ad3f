// Who may ask: the token, and the headers that tell a browser led here by a stranger's page from a
// program of the user.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace coderank::http {

struct AccessRules {
  std::string token;  // empty: none is asked for
  // Names that the Host header may carry besides IP addresses and "localhost". A page that had its
  // own name resolve to this server (DNS rebinding) sends that name.
  std::vector<std::string> host_names;
};

// The answer that refuses the request, or no value. `open`: the route needs no token. Removes
// `token` from the query.
std::optional<Response> CheckAccess(const AccessRules& rules, bool open, Request& request);

// Takes the same time wherever the texts differ.
bool EqualInConstantTime(std::string_view a, std::string_view b);

}  // namespace coderank::http
