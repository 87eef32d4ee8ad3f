// What was meant where a command or an option is not known.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "coderank/status.h"
#include "ops/operation.h"

namespace coderank::cli {

// `prefix`: the words before it that name a group, with a blank behind them, or "".
Status UnknownCommand(std::string_view prefix, std::string_view word);

// `words` are those of the command line, `rest` what the parser could not place. OK where no option
// is among that.
Status UnknownOption(const ops::Operation& operation, const std::vector<std::string>& words,
                     const std::vector<std::string>& rest);

}  // namespace coderank::cli
