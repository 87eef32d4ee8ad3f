#include "agents/install.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "support/temp_dir.h"

namespace coderank::agents {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::TempDir;

constexpr const char* kProgram = "/opt/coderank";

class InstallTest : public ::testing::Test {
 protected:
  InstallTest() { ::setenv("PATH", (home_.path() / "bin").c_str(), 1); }
  ~InstallTest() override { ::setenv("PATH", path_.c_str(), 1); }

  Agent Named(std::string_view name) const {
    const fs::path& home = home_.path();
    return AgentNamed(name,
                      {.home = home,
                       .config = home / ".config",
                       .claude_home = {},
                       .codex_home = home / ".codex"},
                      kProgram);
  }
  std::string Text(const fs::path& file) const {
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
  }
  // A command that notes its arguments and ends as told.
  void AddCommand(const std::string& name, int status) {
    const fs::path file = home_.path() / "bin" / name;
    home_.Write(fs::path("bin") / name, "#!/bin/sh\necho \"$@\" >> " + Calls().native() +
                                            "\nexit " + std::to_string(status) + "\n");
    fs::permissions(file, fs::perms::owner_all);
  }
  fs::path Calls() const { return home_.path() / "calls"; }

  const std::string path_ = std::getenv("PATH");
  TempDir home_;
};

TEST_F(InstallTest, EveryAgentThereAndBackAgain) {
  for (const std::string_view name : kAgentNames) {
    const Agent agent = Named(name);
    const auto installed = Install(agent, {});
    ASSERT_TRUE(installed) << installed.error().message();
    EXPECT_TRUE(installed->changed);
    EXPECT_THAT(Text(agent.settings), HasSubstr(kProgram)) << name;
    EXPECT_EQ(Text(agent.notes).find("search_code") != std::string::npos, !agent.notes.empty());
    const std::string text = Text(agent.settings);
    EXPECT_FALSE(Install(agent, {})->changed) << "again";
    EXPECT_EQ(Text(agent.settings), text);
    const auto gone = Uninstall(agent, {});
    ASSERT_TRUE(gone) << gone.error().message();
    EXPECT_EQ(Text(agent.settings).find(kProgram), std::string::npos) << name;
    EXPECT_EQ(Text(agent.notes), "") << name;
    EXPECT_FALSE(Uninstall(agent, {})->changed) << "again";
  }
}

TEST_F(InstallTest, ADryRunDoesNothing) {
  const Agent agent = Named("cursor");
  const auto report = Install(agent, {.dry_run = true});
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->changed);
  EXPECT_THAT(report->steps, ::testing::Contains(HasSubstr(".cursor/mcp.json")));
  EXPECT_FALSE(fs::exists(agent.settings));
}

TEST_F(InstallTest, LinkModeCommentsAndOldTextAreKept) {
  const Agent agent = Named("vscode");
  const std::string before = "{\n  // mine\n  \"servers\": {\n    \"x\": {}\n  }\n}\n";
  home_.Write("dotfiles/mcp.json", before);
  const fs::path real = home_.path() / "dotfiles/mcp.json";
  fs::permissions(real, fs::perms(0640));
  fs::create_directories(agent.settings.parent_path());
  fs::create_symlink(real, agent.settings);
  const auto report = Install(agent, {});
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_TRUE(fs::is_symlink(agent.settings));
  EXPECT_THAT(Text(real), HasSubstr("// mine"));
  EXPECT_THAT(Text(real), HasSubstr("${workspaceFolder}"));
  EXPECT_EQ(fs::status(real).permissions(), fs::perms(0640));
  EXPECT_EQ(Text(real.native() + ".before-coderank"), before);
  EXPECT_THAT(report->steps.front(), HasSubstr("dotfiles/mcp.json.before-coderank"));
  ASSERT_TRUE(Uninstall(agent, {}));
  EXPECT_EQ(Text(real), before);
}

TEST_F(InstallTest, WhatCannotBeUnderstoodIsLeftAlone) {
  for (const std::string_view name : {"gemini", "codex"}) {
    const Agent agent = Named(name);
    home_.Write(fs::relative(agent.settings, home_.path()), "{ what is = this?\n");
    const auto report = Install(agent, {});
    ASSERT_TRUE(report);
    EXPECT_FALSE(report->changed);
    EXPECT_THAT(report->refusal, HasSubstr(agent.settings.native()));
    EXPECT_THAT(report->snippet, HasSubstr(kProgram));
    EXPECT_EQ(Text(agent.settings), "{ what is = this?\n");
    EXPECT_FALSE(fs::exists(agent.notes)) << "no notes on what is not there";
  }
}

TEST_F(InstallTest, WhatTheUserAddedToTheEntryStays) {
  const Agent agent = Named("cursor");
  home_.Write(".cursor/mcp.json",
              R"({"mcpServers": {"coderank": {"command": "/old", "disabled": true}}})");
  EXPECT_TRUE(Install(agent, {})->changed);
  const json entry = json::parse(Text(agent.settings))["mcpServers"]["coderank"];
  EXPECT_EQ(entry["command"], kProgram);
  EXPECT_EQ(entry["disabled"], true);
  EXPECT_FALSE(Install(agent, {})->changed);
}

TEST_F(InstallTest, TheAgentsOwnCommandIsPreferred) {
  AddCommand("claude", 0);
  const Agent agent = Named("claude-code");
  const auto report = Install(agent, {.notes = false});
  ASSERT_TRUE(report);
  EXPECT_THAT(report->steps, ::testing::ElementsAre(HasSubstr("claude mcp add")));
  EXPECT_EQ(Text(Calls()), "mcp add --scope user coderank -- /opt/coderank mcp\n");
  EXPECT_FALSE(fs::exists(agent.settings)) << "that is the command's business";
}

TEST_F(InstallTest, WithoutItsHelpTheFileIsEdited) {
  AddCommand("claude", 1);
  const Agent agent = Named("claude-code");
  const auto report = Install(agent, {.notes = false});
  ASSERT_TRUE(report);
  EXPECT_THAT(Text(agent.settings), HasSubstr(kProgram));
  EXPECT_THAT(report->steps, ::testing::ElementsAre(HasSubstr(".claude.json")));
}

TEST_F(InstallTest, NotesOfTheUserStay) {
  const Agent agent = Named("codex");
  home_.Write(".codex/AGENTS.md", "# Rules\n\nBe brief.");
  ASSERT_TRUE(Install(agent, {}));
  EXPECT_THAT(Text(agent.notes), ::testing::StartsWith("# Rules\n\nBe brief.\n\n<!-- coderank"));
  ASSERT_TRUE(Uninstall(agent, {}));
  EXPECT_EQ(Text(agent.notes), "# Rules\n\nBe brief.");
}

TEST_F(InstallTest, TheOldTextIsTheOneWithoutCoderank) {
  const Agent agent = Named("cursor");
  const fs::path backup = agent.settings.native() + ".before-coderank";
  const std::string mine = "{\n  \"mine\": 1\n}\n";
  home_.Write(".cursor/mcp.json", mine);
  ASSERT_TRUE(Install(agent, {}));
  // The user goes on with the file: what was kept is no more than a part of it.
  std::string edited = Text(agent.settings);
  edited.replace(edited.find("1"), 1, "2");
  home_.Write(".cursor/mcp.json", edited);
  ASSERT_TRUE(Uninstall(agent, {}));
  EXPECT_EQ(Text(backup), mine);
  EXPECT_EQ(Text(agent.settings), "{\n  \"mine\": 2\n}\n");
  ASSERT_TRUE(Install(agent, {}));
  EXPECT_EQ(Text(backup), mine);
}

TEST_F(InstallTest, NothingOfOursIsLeft) {
  for (const std::string_view name : kAgentNames) {
    const Agent agent = Named(name);
    const bool toml = agent.format == SettingsFormat::kToml;
    for (const std::string before : {"", toml ? "a = 1" : "{\"a\":1}"}) {
      const auto files = [&] {
        std::vector<std::string> found;
        for (const auto& entry : fs::recursive_directory_iterator(home_.path())) {
          if (!entry.is_directory()) found.push_back(entry.path().native());
        }
        return found;
      };
      ASSERT_THAT(files(), IsEmpty());
      if (!before.empty()) home_.Write(fs::relative(agent.settings, home_.path()), before);
      ASSERT_TRUE(Install(agent, {}));
      ASSERT_TRUE(Uninstall(agent, {}));
      EXPECT_EQ(Text(agent.settings), before) << name;
      EXPECT_EQ(files().size(), before.empty() ? 0U : 1U) << ::testing::PrintToString(files());
      fs::remove(agent.settings);
    }
  }
}

}  // namespace
}  // namespace coderank::agents
