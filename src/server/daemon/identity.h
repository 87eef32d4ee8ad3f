// Whether a server answers as this process would.
#pragma once

#include <string>

#include "coderank/engine.h"

namespace coderank::server {

// A hash of the program's version, of the options that decide answers, and of the environment
// that places and settings are found by. A server that has another one is not asked.
std::string IdentityOf(const EngineOptions& options);

}  // namespace coderank::server
