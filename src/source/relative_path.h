// Paths that name something in a tree, as untrusted callers give them.
#pragma once

#include <string>
#include <vector>

#include "coderank/result.h"

namespace coderank {

// The names on the way from the root; "." and empty ones are dropped, so "" and "." give none.
// kInvalidArgument for an absolute path, for "..", which could lead out of the root, and for NUL.
Result<std::vector<std::string>> SplitRelativePath(const std::string& relative);

}  // namespace coderank
