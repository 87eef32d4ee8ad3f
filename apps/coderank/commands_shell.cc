// completions and man: what the operation table says, in the languages of others.
#include <string>

#include "commands.h"
#include "index_notes.h"
#include "ops/completions.h"
#include "ops/man_page.h"

namespace coderank::cli {

Result<int> RunCompletions(const CommandContext& context) {
  const std::string& shell = context.arguments.Text("shell");
  if (shell == "bash") {
    Print(ops::BashCompletions());
  } else if (shell == "zsh") {
    Print(ops::ZshCompletions());
  } else {
    Print(ops::FishCompletions());
  }
  return kExitFound;
}

Result<int> RunMan(const CommandContext&) {
  Print(ops::ManPage());
  return kExitFound;
}

}  // namespace coderank::cli
