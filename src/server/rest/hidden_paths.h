// Takes the paths of this machine out of messages that go to other machines.
#pragma once

#include <string>
#include <string_view>

#include "server/roots.h"

namespace coderank::server::rest {

// Folders that are served become their names, other absolute paths "[path]". `said`: what the
// caller sent, whose paths stay as they are.
std::string WithoutHostPaths(std::string_view message, const Roots& roots, std::string_view said);

}  // namespace coderank::server::rest
