// Operations for the shell around the program. Names and meanings are a contract for scripts: add,
// do not change.
#include <array>
#include <string_view>

#include "ops/operations.h"
#include "ops/parameters.h"

namespace coderank::ops {
namespace {

constexpr std::array<std::string_view, 3> kShells = {"bash", "zsh", "fish"};

}  // namespace

Operation Completions() {
  return {
      .name = "completions",
      .summary = "Print a script by which a shell completes coderank's command line",
      .details =
          "For the current shell: `source <(coderank completions bash)`, the same for zsh, and "
          "`coderank completions fish | source`. An installed coderank brings its scripts along.",
      .parameters = {{.name = "shell",
                      .type = ParameterType::kChoice,
                      .help = "which one",
                      .positional = true,
                      .required = true,
                      .value_name = "SHELL",
                      .choices = kShells},
                     kQuiet}};
}

Operation Man() {
  return {.name = "man",
          .summary = "Print the manual page",
          .details = "In the language of man pages: `coderank man | man -l -`.",
          .parameters = {kQuiet}};
}

}  // namespace coderank::ops
