// The time as it is kept and shown.
#pragma once

#include <string>

namespace coderank {

// ISO 8601, to the second: "2026-11-25T14:47:51Z".
std::string UtcNow();

}  // namespace coderank
