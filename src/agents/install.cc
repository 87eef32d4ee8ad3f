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
  // The text without us: that of before, `kept`, where nobody else has changed it since; no value
  // where there was no file then.
  Result<std::optional<std::string>> TakenOut(const std::string& text,
                                              const std::optional<std::string>& kept) const {
    const auto installed = Set(kept.value_or(""));
    if (installed && *installed == text) return kept;
    CODERANK_ASSIGN(std::string without, Remove(text));
    if (agent_.format == SettingsFormat::kToml || !kept) return std::optional(std::move(without));
    const JsonPath holder = {agent_.path.front()};
    CODERANK_ASSIGN(const auto held_before, ReadMember(*kept, holder));
    CODERANK_ASSIGN(const auto holds, ReadMember(without, holder));
    if (!held_before && holds && holds->empty()) {  // it was made for us
      CODERANK_ASSIGN(without, RemoveMember(without, holder));
    }
    return std::optional(std::move(without));
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
  std::optional<std::string> after;  // no value: no file
  std::string step;
};

Status Write(const Change& change) {
  return change.after ? ReplaceSettings(change.file, change.before, *change.after)
                      : RemoveSettings(change.file, change.before);
}

// False where there is nothing to do, or nothing is to be done.
bool Announce(const Change& change, const InstallOptions& options, InstallReport& report) {
  if (change.after == change.before) return false;
  report.changed = true;
  report.steps.push_back(change.step);
  return !options.dry_run;
}

Status Add(const Change& change, const InstallOptions& options, InstallReport& report) {
  if (!Announce(change, options, report)) return OkStatus();
  CODERANK_ASSIGN(const auto backup, BackUp(change.file));
  if (!backup.empty()) report.steps.back() += StrCat("; the old text is ", backup);
  return Write(change);
}

Status TakeOut(const Change& change, const InstallOptions& options, InstallReport& report) {
  if (Announce(change, options, report)) {
    CODERANK_TRY(Write(change));
    if (!change.after) report.steps.back() += ", which held nothing else: the file is removed";
  }
  if (options.dry_run) return OkStatus();
  CODERANK_ASSIGN(const auto backup, RemoveNeedlessBackup(change.file));
  if (!backup.empty()) report.steps.push_back(StrCat("removed ", backup, ", the same text"));
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

Status AddNotes(const Agent& agent, const InstallOptions& options, InstallReport& report) {
  if (agent.notes.empty() || !options.notes) return OkStatus();
  CODERANK_ASSIGN(const std::string before, ReadSettings(agent.notes));
  return Add({.file = agent.notes,
              .before = before,
              .after = WithBlock(before, UsageNotes()),
              .step = StrCat("added notes on its use to ", agent.notes)},
             options, report);
}

Status TakeOutNotes(const Agent& agent, const InstallOptions& options, InstallReport& report) {
  if (agent.notes.empty()) return OkStatus();
  CODERANK_ASSIGN(const std::string before, ReadSettings(agent.notes));
  CODERANK_ASSIGN(const auto kept, ReadBackup(agent.notes));
  Change change{.file = agent.notes,
                .before = before,
                .after = WithoutBlock(before),
                .step = StrCat("removed notes on its use from ", agent.notes)};
  // As for the settings.
  if (WithBlock(kept.value_or(""), UsageNotes()) == before) change.after = kept;
  return TakeOut(change, options, report);
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
    CODERANK_TRY(Add({.file = agent.settings,
                      .before = before,
                      .after = *std::move(after),
                      .step = StrCat(replaces ? "renewed" : "added", " \"", agent.path.back(),
                                     "\" in ", agent.settings)},
                     options, report));
  }
  CODERANK_TRY(AddNotes(agent, options, report));
  return report;
}

Result<InstallReport> Uninstall(const Agent& agent, const InstallOptions& options) {
  InstallReport report;
  const Entry entry(agent);
  CODERANK_ASSIGN(const std::string before, ReadSettings(agent.settings));
  const auto there = entry.IsThere(before);
  if (!there) return LeftAlone(agent, there.error(), false);
  if (*there && !ByOwnCommand(agent, agent.drop_command, options, report)) {
    CODERANK_ASSIGN(const auto kept, ReadBackup(agent.settings));
    auto after = entry.TakenOut(before, kept);
    if (!after) return LeftAlone(agent, after.error(), false);
    CODERANK_TRY(
        TakeOut({.file = agent.settings,
                 .before = before,
                 .after = *std::move(after),
                 .step = StrCat("removed \"", agent.path.back(), "\" from ", agent.settings)},
                options, report));
  }
  CODERANK_TRY(TakeOutNotes(agent, options, report));
  return report;
}

}  // namespace coderank::agents
