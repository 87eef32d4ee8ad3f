// The secret that tells programs of the user from all others that reach the server.
#pragma once

#include <filesystem>
#include <string>

#include "coderank/result.h"

namespace coderank::server {

struct AccessToken {
  std::string text;  // 256 bits in hexadecimal digits
  std::filesystem::path file;
};

// The token of this user, made where there is none, in a file of mode 0600 in the state folder. It
// stays the same, so that the settings of other programs can hold it; removing the file makes the
// next server choose another one.
Result<AccessToken> UserAccessToken();

}  // namespace coderank::server
