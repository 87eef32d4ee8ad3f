// Where a running server is found by programs of the same user.
#pragma once

#include <filesystem>

#include "base/file.h"
#include "coderank/result.h"

namespace coderank::server {

// $XDG_RUNTIME_DIR/coderank, or where there is none, `run` in the user's state folder. kNotFound
// when there is no such folder, kPermissionDenied when somebody else may enter it.
Result<std::filesystem::path> RuntimeFolder();
// The same, created with mode 0700 where it is missing.
Result<std::filesystem::path> MakeRuntimeFolder();

// The socket of the one server that programs of this user ask without being told to.
std::filesystem::path PrivateSocketIn(const std::filesystem::path& runtime_folder);

// The right to be that server, until destroyed. kFailedPrecondition when another has it.
Result<UniqueFd> ClaimPrivateSocket(const std::filesystem::path& runtime_folder);

}  // namespace coderank::server
