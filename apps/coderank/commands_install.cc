// install, uninstall: coderank among an agent's MCP servers.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include "agents/agent_command.h"
#include "agents/install.h"
#include "base/strings.h"
#include "base/try.h"
#include "commands.h"

namespace coderank::cli {
namespace {

namespace fs = std::filesystem;

fs::path Folder(const char* variable, const fs::path& otherwise) {
  const char* value = std::getenv(variable);
  return value == nullptr || *value == '\0' ? otherwise : fs::path(value);
}

Result<agents::UserFolders> FoldersOfUser() {
  const fs::path home = Folder("HOME", "");
  if (!home.is_absolute()) return FailedPrecondition("HOME: expected an absolute path");
  return agents::UserFolders{.home = home,
                             .config = Folder("XDG_CONFIG_HOME", home / ".config"),
                             .claude_home = Folder("CLAUDE_CONFIG_DIR", ""),
                             .codex_home = Folder("CODEX_HOME", home / ".codex")};
}

// This program. Where PATH has it, by that name, which stays when a newer one takes its place.
Result<std::string> ProgramForAgents() {
  std::error_code error;
  const fs::path self = fs::canonical("/proc/self/exe", error);
  if (error) return Unavailable(StrCat("/proc/self/exe: ", error.message()));
  const auto found = agents::FindProgram("coderank");
  const bool same = found && fs::equivalent(*found, self, error) && !error;
  return same ? found->native() : self.native();
}

void Tell(const agents::InstallReport& report, bool dry_run) {
  for (const std::string& step : report.steps) {
    std::printf("%s%s\n", dry_run ? "would do: " : "", EscapeForTerminal(step).c_str());
  }
  std::fputs(EscapeForTerminal(report.snippet, true).c_str(), stdout);
  if (!report.changed && report.refusal.empty()) std::puts("nothing to do");
}

Result<int> Run(const CommandContext& context, bool add) {
  CODERANK_ASSIGN(const agents::UserFolders folders, FoldersOfUser());
  CODERANK_ASSIGN(const std::string program, ProgramForAgents());
  const agents::Agent agent = agents::AgentNamed(context.arguments.Text("agent"), folders, program);
  const agents::InstallOptions options{.dry_run = context.arguments.Flag("dry-run"),
                                       .notes = add && !context.arguments.Flag("no-notes")};
  CODERANK_ASSIGN(const agents::InstallReport report,
                  add ? agents::Install(agent, options) : agents::Uninstall(agent, options));
  Tell(report, options.dry_run);
  if (!report.refusal.empty()) return FailedPrecondition(report.refusal);
  if (add && report.changed && !options.dry_run) {
    context.console.Note(StrCat("restart ", agent.title, " to use it"));
  }
  return kExitFound;
}

}  // namespace

Result<int> RunInstall(const CommandContext& context) { return Run(context, true); }

Result<int> RunUninstall(const CommandContext& context) { return Run(context, false); }

}  // namespace coderank::cli
