#include "agents/install.h"

#include <optional>
#include <utility>

#include "agents/agent_command.h"
#include "agents/notes_block.h"
#include "agents/settings_file.h"
#include "agents/toml_edit.h"
#include "base/strings.h"
#include "base/try.h"

namespace coderank::agents {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

std::string TomlName(const Agent& agent) { return StrCat(agent.path[0], ".", agent.path[1]); }

// Strings and lists of strings are written alike in JSON and TOML.
std::string TomlTable(const Agent& agent) {
  std::string table = StrCat("[", TomlName(agent), "]\n");
  for (const auto& [key, value] : agent.entry.items()) {
    table += StrCat(key, " = ", value.dump(), "\n");
  }
  return table;
}

// Our entry in the text of the settings.
class Entry {
 public:
  explicit Entry(const Agent& agent) : agent_(agent) {}

  Result<bool> IsThere(std::string_view text) const {
    if (agent_.format == SettingsFormat::kToml) {
      CODERANK_ASSIGN(const auto table, ReadTable(text, TomlName(agent_)));
      return table.has_value();
    }
    CODERANK_ASSIGN(const auto member, ReadMember(text, agent_.path));
    return member.has_value();
  }
  // What the user has added to it stays, so that is wanted too.
  Result<bool> IsAsWanted(std::string_view text) const {
    if (agent_.format == SettingsFormat::kToml) {
      CODERANK_ASSIGN(const auto table, ReadTable(text, TomlName(agent_)));
      return table && table->starts_with(TomlTable(agent_));
    }
    CODERANK_ASSIGN(const auto member, ReadMember(text, agent_.path));
    return member && json::parse(Merged(*member).dump()) == *member;
  }
  Result<std::string> Set(std::string_view text) const {
    if (agent_.format == SettingsFormat::kToml) {
      return SetTable(text, TomlName(agent_), TomlTable(agent_));
    }
    CODERANK_ASSIGN(const auto member, ReadMember(text, agent_.path));
    return SetMember(text, agent_.path, Merged(member.value_or(nullptr)));
  }
  Result<std::string> Remove(std::string_view text) const {
    return agent_.format == SettingsFormat::kToml ? RemoveTable(text, TomlName(agent_))
                                                  : RemoveMember(text, agent_.path);
  }
  // As a document of its own.
  std::string Snippet() const {
    const auto snippet = Set("");
    return snippet ? *snippet : "";
  }

 private:
  ordered_json Merged(const json& found) const {
    ordered_json merged = agent_.entry;
    if (!found.is_object()) return merged;
    for (const auto& [key, value] : found.items()) {
      if (!merged.contains(key)) merged[key] = ordered_json::parse(value.dump());
    }
    return merged;
  }

  const Agent& agent_;
};

// What a file is to be, and the sentence about it.
struct Change {
  std::filesystem::path file;
  std::string before;
  std::string after;
  std::string step;
};

Status Apply(const Change& change, const InstallOptions& options, InstallReport& report) {
  if (change.before == change.after) return OkStatus();
  report.changed = true;
  report.steps.push_back(change.step);
  if (options.dry_run) return OkStatus();
  CODERANK_ASSIGN(const auto backup, ReplaceSettings(change.file, change.before, change.after));
  if (!backup.empty()) report.steps.back() += StrCat("; the old text is ", backup);
  return OkStatus();
}

// Runs the agent's own command; false when it has none, or it did not do its work.
bool ByOwnCommand(const Agent& agent, const std::vector<std::string>& arguments,
                  const InstallOptions& options, InstallReport& report) {
  if (agent.program.empty()) return false;
  const auto program = FindProgram(agent.program);
  if (!program) return false;
  std::string words(agent.program);
  for (const std::string& argument : arguments) words += StrCat(" ", argument);
  if (!options.dry_run && !RunProgram(*program, arguments).ok()) return false;
  report.changed = true;
  report.steps.push_back(StrCat("ran `", words, "`"));
  return true;
}

Status ChangeNotes(const Agent& agent, bool add, const InstallOptions& options,
                   InstallReport& report) {
  if (agent.notes.empty() || (add && !options.notes)) return OkStatus();
  CODERANK_ASSIGN(const std::string before, ReadSettings(agent.notes));
  return Apply({.file = agent.notes,
                .before = before,
                .after = add ? WithBlock(before, UsageNotes()) : WithoutBlock(before),
                .step = StrCat(add ? "added" : "removed", " notes on its use ",
                               add ? "to " : "from ", agent.notes)},
               options, report);
}

InstallReport LeftAlone(const Agent& agent, const Status& error, bool add) {
  InstallReport report;
  report.refusal = StrCat(
      agent.settings, ": is left as it is: ", error.message(), "; ",
      add ? "put what is printed into it by hand" : "take what is printed out of it by hand");
  report.snippet = Entry(agent).Snippet();
  return report;
}

}  // namespace

Result<InstallReport> Install(const Agent& agent, const InstallOptions& options) {
  InstallReport report;
  const Entry entry(agent);
  CODERANK_ASSIGN(const std::string before, ReadSettings(agent.settings));
  const auto wanted = entry.IsAsWanted(before);
  if (!wanted) return LeftAlone(agent, wanted.error(), true);
  // Their commands refuse what exists under our name, or merge it: an edit replaces it.
  const bool replaces = *entry.IsThere(before);
  if (!*wanted && (replaces || !ByOwnCommand(agent, agent.add_command, options, report))) {
    auto after = entry.Set(before);
    if (!after) return LeftAlone(agent, after.error(), true);
    CODERANK_TRY(Apply({.file = agent.settings,
                        .before = before,
                        .after = *std::move(after),
                        .step = StrCat(replaces ? "renewed" : "added", " \"", agent.path.back(),
                                       "\" in ", agent.settings)},
                       options, report));
  }
  CODERANK_TRY(ChangeNotes(agent, true, options, report));
  return report;
}

Result<InstallReport> Uninstall(const Agent& agent, const InstallOptions& options) {
  InstallReport report;
  const Entry entry(agent);
  CODERANK_ASSIGN(const std::string before, ReadSettings(agent.settings));
  const auto there = entry.IsThere(before);
  if (!there) return LeftAlone(agent, there.error(), false);
  if (*there && !ByOwnCommand(agent, agent.drop_command, options, report)) {
    auto after = entry.Remove(before);
    if (!after) return LeftAlone(agent, after.error(), false);
    CODERANK_TRY(
        Apply({.file = agent.settings,
               .before = before,
               .after = *std::move(after),
               .step = StrCat("removed \"", agent.path.back(), "\" from ", agent.settings)},
              options, report));
  }
  CODERANK_TRY(ChangeNotes(agent, false, options, report));
  return report;
}

}  // namespace coderank::agents
