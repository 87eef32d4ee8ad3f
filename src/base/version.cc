#include "coderank/version.h"

#include "base/generated_version.h"

namespace coderank {

std::string_view Version() { return kVersionText; }

}  // namespace coderank
