// Opens a file below a folder without following any link and without leaving the folder.
#pragma once

#include <string>
#include <vector>

#include "base/file.h"

namespace coderank {

// For reading, never blocking on a FIFO. `parts` are names from SplitRelativePath. Invalid with
// `error` = errno on failure; ELOOP when a name on the way is a symbolic link.
UniqueFd OpenBeneath(int folder, const std::vector<std::string>& parts, int& error);

// What OpenBeneath does where the kernel lacks openat2 or a sandbox forbids it: name by name.
UniqueFd OpenBeneathByName(int folder, const std::vector<std::string>& parts, int& error);

}  // namespace coderank
