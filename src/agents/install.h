// Adds coderank to an agent's MCP servers, and takes it out again.
//
// By the agent's own command where it has one and it is installed, else by an edit of its settings
// that changes nothing beside the entry. A file that cannot be understood is left as it is.
#pragma once

#include <string>
#include <vector>

#include "agents/agent.h"
#include "coderank/result.h"

namespace coderank::agents {

struct InstallOptions {
  bool dry_run = false;  // say what would be done, and do nothing
  bool notes = true;     // a few lines on when to use it, where the agent reads such
};

struct InstallReport {
  bool changed = false;            // or would be
  std::vector<std::string> steps;  // what was done, or would be: "added \"coderank\" to FILE"
  // Why the settings were left alone, and what to put into them, or take out, by hand.
  std::string refusal;  // empty: they were not
  std::string snippet;
};

// Both may be repeated: what is there already is left alone.
Result<InstallReport> Install(const Agent& agent, const InstallOptions& options);
Result<InstallReport> Uninstall(const Agent& agent, const InstallOptions& options);

}  // namespace coderank::agents
