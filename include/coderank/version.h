// Which build this is.
#pragma once

#include <string_view>

namespace coderank {

// "1.2.3", or "1.2.3+<commit>" when it was built from a git checkout.
std::string_view Version();

}  // namespace coderank
