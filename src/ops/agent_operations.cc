// Operations for coding agents. Names and meanings are a contract for scripts: add, do not change.
#include <array>
#include <string_view>

#include "ops/operations.h"
#include "ops/parameters.h"

namespace coderank::ops {
namespace {

constexpr std::array<std::string_view, 6> kAgents = {"claude-code", "codex",  "gemini",
                                                     "opencode",    "cursor", "vscode"};

const Parameter kAgent = {.name = "agent",
                          .type = ParameterType::kChoice,
                          .help = "which one",
                          .required = true,
                          .value_name = "NAME",
                          .choices = kAgents};
const Parameter kDryRun = {
    .name = "dry-run", .type = ParameterType::kFlag, .help = "say what would be done, do nothing"};

}  // namespace

Operation Mcp() {
  return {.name = "mcp",
          .summary = "Serve an agent over standard input and output (MCP)",
          .details =
              "Speaks the Model Context Protocol, a JSON message a line, until the input ends. For "
              "an agent's configuration, not for a terminal. Tools: search_code, find_related, "
              "index_status, refresh_index, about the folders DIR and what lies below them. A "
              "running `coderank serve` is asked, where there is one; with --start-server it is "
              "started where there is none, so that all agents' processes share one copy of the "
              "models. docs/mcp.md says how agents are set up.",
          .parameters = {{.name = "directories",
                          .type = ParameterType::kPath,
                          .help = "folders that may be asked about",
                          .positional = true,
                          .repeated = true,
                          .value_name = "DIR",
                          .default_value = "."},
                         kNoServer,
                         {.name = "start-server",
                          .type = ParameterType::kFlag,
                          .help = "start `coderank serve`, for all agents, where none runs",
                          .local = true},
                         {.name = "idle-exit",
                          .type = ParameterType::kInteger,
                          .help = "such a server stops when nobody has asked for N minutes",
                          .local = true,
                          .value_name = "N",
                          .default_value = "30",
                          .least = 1,
                          .most = int64_t{60} * 24 * 30},
                         kModel,
                         kModels,
                         kIndex,
                         kPrecision,
                         kMaxTokens,
                         kThreads,
                         kTrustIndex,
                         kQuiet}};
}

Operation Install() {
  return {
      .name = "install",
      .summary = "Add coderank to an agent's MCP servers",
      .details =
          "By the agent's own command where it is installed and has one, else by an edit of its "
          "settings that keeps comments and all else. The old text stays beside the file, as "
          "FILE.before-coderank. A file that cannot be understood is left alone, and what to "
          "put into it is printed. Where the agent reads notes at each start, a few lines on "
          "when to use coderank are added. Repeating it changes nothing.",
      .parameters = {kAgent,
                     {.name = "no-notes",
                      .type = ParameterType::kFlag,
                      .help = "add no lines to the agent's notes"},
                     kDryRun,
                     kQuiet}};
}

Operation Uninstall() {
  return {
      .name = "uninstall",
      .summary = "Take coderank out of an agent's MCP servers",
      .details =
          "What `coderank install` has added goes, a file that it made and FILE.before-coderank "
          "too, where FILE has that text again; all else stays.",
      .parameters = {kAgent, kDryRun, kQuiet}};
}

}  // namespace coderank::ops
