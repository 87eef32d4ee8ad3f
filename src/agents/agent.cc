#include "agents/agent.h"

namespace coderank::agents {
namespace {

using nlohmann::ordered_json;

constexpr const char* kName = "coderank";
// Editors start servers wherever they were started themselves; they fill this in.
constexpr const char* kWorkspace = "${workspaceFolder}";

Agent ClaudeCode(const UserFolders& folders, const std::string& coderank) {
  const bool elsewhere = !folders.claude_home.empty();
  return {.name = "claude-code",
          .title = "Claude Code",
          .settings = (elsewhere ? folders.claude_home : folders.home) / ".claude.json",
          .path = {"mcpServers", kName},
          .entry = {{"type", "stdio"},
                    {"command", coderank},
                    {"args", {"mcp"}},
                    {"env", ordered_json::object()}},
          .notes = (elsewhere ? folders.claude_home : folders.home / ".claude") / "CLAUDE.md",
          .program = "claude",
          .add_command = {"mcp", "add", "--scope", "user", kName, "--", coderank, "mcp"},
          .drop_command = {"mcp", "remove", "--scope", "user", kName}};
}

Agent Codex(const UserFolders& folders, const std::string& coderank) {
  return {.name = "codex",
          .title = "Codex",
          .format = SettingsFormat::kToml,
          .settings = folders.codex_home / "config.toml",
          .path = {"mcp_servers", kName},
          .entry = {{"command", coderank}, {"args", {"mcp"}}},
          .notes = folders.codex_home / "AGENTS.md",
          .program = "codex",
          .add_command = {"mcp", "add", kName, "--", coderank, "mcp"},
          .drop_command = {"mcp", "remove", kName}};
}

Agent Gemini(const UserFolders& folders, const std::string& coderank) {
  return {.name = "gemini",
          .title = "Gemini CLI",
          .settings = folders.home / ".gemini/settings.json",
          .path = {"mcpServers", kName},
          .entry = {{"command", coderank}, {"args", {"mcp"}}},
          .notes = folders.home / ".gemini/GEMINI.md",
          .program = "gemini",
          .add_command = {"mcp", "add", "--scope", "user", kName, coderank, "mcp"},
          .drop_command = {"mcp", "remove", "--scope", "user", kName}};
}

// `opencode mcp add` asks questions, and there is no command that removes.
Agent OpenCode(const UserFolders& folders, const std::string& coderank) {
  return {.name = "opencode",
          .title = "opencode",
          .settings = folders.config / "opencode/opencode.json",
          .path = {"mcp", kName},
          .entry = {{"type", "local"}, {"command", {coderank, "mcp"}}, {"enabled", true}},
          .notes = folders.config / "opencode/AGENTS.md",
          .program = {},
          .add_command = {},
          .drop_command = {}};
}

Agent Cursor(const UserFolders& folders, const std::string& coderank) {
  return {.name = "cursor",
          .title = "Cursor",
          .settings = folders.home / ".cursor/mcp.json",
          .path = {"mcpServers", kName},
          .entry = {{"type", "stdio"}, {"command", coderank}, {"args", {"mcp", kWorkspace}}},
          .notes = {},
          .program = {},
          .add_command = {},
          .drop_command = {}};
}

// `code --add-mcp` cannot be undone by a command, so both ways go through the file.
Agent VsCode(const UserFolders& folders, const std::string& coderank) {
  return {.name = "vscode",
          .title = "VS Code",
          .settings = folders.config / "Code/User/mcp.json",
          .path = {"servers", kName},
          .entry = {{"type", "stdio"}, {"command", coderank}, {"args", {"mcp", kWorkspace}}},
          .notes = {},
          .program = {},
          .add_command = {},
          .drop_command = {}};
}

}  // namespace

Agent AgentNamed(std::string_view name, const UserFolders& folders, const std::string& coderank) {
  if (name == "claude-code") return ClaudeCode(folders, coderank);
  if (name == "codex") return Codex(folders, coderank);
  if (name == "gemini") return Gemini(folders, coderank);
  if (name == "opencode") return OpenCode(folders, coderank);
  if (name == "cursor") return Cursor(folders, coderank);
  return VsCode(folders, coderank);
}

}  // namespace coderank::agents
