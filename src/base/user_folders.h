// Where a user's files lie: the XDG base directory specification.
#pragma once

#include <filesystem>
#include <string_view>

#include "coderank/result.h"

namespace coderank {

struct UserFolders {
  std::filesystem::path config;  // $XDG_CONFIG_HOME/coderank, default ~/.config/coderank
  std::filesystem::path data;    // $XDG_DATA_HOME/coderank, default ~/.local/share/coderank
  std::filesystem::path cache;   // $XDG_CACHE_HOME/coderank, default ~/.cache/coderank
  std::filesystem::path state;   // $XDG_STATE_HOME/coderank, default ~/.local/state/coderank
};

// Without HOME by the password file. kFailedPrecondition when neither the XDG variable nor that is
// an absolute path.
Result<UserFolders> FindUserFolders();

// The environment variable, or "" when unset.
std::string_view Environment(const char* name);

}  // namespace coderank
