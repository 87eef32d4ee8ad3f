// The coding agents that coderank can be added to, as data.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agents/jsonc_edit.h"

namespace coderank::agents {

enum class SettingsFormat { kJson, kToml };

// Where things of the user's lie.
struct UserFolders {
  std::filesystem::path home;
  std::filesystem::path config;       // $XDG_CONFIG_HOME, or .config in `home`
  std::filesystem::path claude_home;  // $CLAUDE_CONFIG_DIR; empty: not set
  std::filesystem::path codex_home;   // $CODEX_HOME, or .codex in `home`
};

struct Agent {
  std::string_view name;   // "claude-code"
  std::string_view title;  // "Claude Code"
  SettingsFormat format = SettingsFormat::kJson;
  std::filesystem::path settings;        // the file that holds its MCP servers
  JsonPath path;                         // of our entry in it
  nlohmann::ordered_json entry;          // what it is to be; of TOML, its keys and values
  std::filesystem::path notes;           // what it reads at each start; empty: no such file
  std::string_view program;              // its own command; empty: it has none for this
  std::vector<std::string> add_command;  // arguments of it
  std::vector<std::string> drop_command;
};

inline constexpr std::string_view kAgentNames[] = {"claude-code", "codex",  "gemini",
                                                   "opencode",    "cursor", "vscode"};

// `coderank`: the program that agents are to start. Precondition: one of kAgentNames.
Agent AgentNamed(std::string_view name, const UserFolders& folders, const std::string& coderank);

}  // namespace coderank::agents
