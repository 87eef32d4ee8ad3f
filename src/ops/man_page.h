// The manual page, made from the operation table.
#pragma once

#include <string>

namespace coderank::ops {

// In the macros of man(7).
std::string ManPage();

}  // namespace coderank::ops
