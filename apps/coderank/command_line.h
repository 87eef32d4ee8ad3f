// The command line, made from the operation table.
#pragma once

#include <optional>
#include <string>

#include "coderank/result.h"
#include "ops/operation.h"

namespace coderank::cli {

struct Invocation {
  const ops::Operation* operation = nullptr;
  ops::Arguments arguments;
};

// What to do, or, for --help and --version, the text to print.
struct ParsedCommandLine {
  std::optional<Invocation> invocation;
  std::string text;
};

// kInvalidArgument with a message for the user.
Result<ParsedCommandLine> ParseCommandLine(int argc, char** argv);

// An error about an argument begins with the parameter's name; people know that as --name or
// PLACEHOLDER. Other errors stay as they are.
Status InWordsOfTheCommandLine(const ops::Operation& operation, const Status& error);

}  // namespace coderank::cli
