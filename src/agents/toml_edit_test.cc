#include "agents/toml_edit.h"

#include <gtest/gtest.h>

#include <string>

namespace coderank::agents {
namespace {

constexpr std::string_view kName = "mcp_servers.coderank";
constexpr std::string_view kTable = "[mcp_servers.coderank]\ncommand = \"c\"\nargs = [\"mcp\"]\n";

std::string Set(const std::string& text) {
  const auto changed = SetTable(text, kName, kTable);
  EXPECT_TRUE(changed) << changed.error().message() << " in\n" << text;
  return changed ? *changed : "";
}

std::string Remove(const std::string& text) {
  const auto changed = RemoveTable(text, kName);
  EXPECT_TRUE(changed) << changed.error().message() << " in\n" << text;
  return changed ? *changed : "";
}

TEST(TomlEditTest, AddingAndRemovingGivesTheSameBytes) {
  for (const std::string before : {
           "",
           "model = \"x\" # mine\n",
           "a = 1\n\n[mcp_servers.other]\ncommand = 'o' # ü\nargs = [\n  \"[x]\",\n]\n",
           "text = \"\"\"\n[mcp_servers.coderank]\n\"\"\"\n",
           "[[profile]]\na = 1\n\n[[profile]]\na = 2\n",
           "mcp_servers.other.command = \"o\"\n",
       }) {
    const std::string after = Set(before);
    EXPECT_TRUE(after.starts_with(before));
    EXPECT_TRUE(after.ends_with(kTable)) << after;
    EXPECT_EQ(**ReadTable(after, kName), kTable);
    EXPECT_EQ(Set(after), after) << "again";
    EXPECT_EQ(Remove(after), before);
  }
}

TEST(TomlEditTest, AnEntryOfOursIsReplacedWhereItIs) {
  const std::string before =
      "[mcp_servers.coderank]\ncommand = \"old\"\nenabled = true\n\n# next\n[b]\nx = 1\n";
  const std::string after = Set(before);
  EXPECT_EQ(after, std::string(kTable) + "\n# next\n[b]\nx = 1\n");
  EXPECT_EQ(Remove(after), "# next\n[b]\nx = 1\n");
}

TEST(TomlEditTest, TablesBelowStayWhenItIsSetAndGoWithIt) {
  const std::string below = "\n[mcp_servers.coderank.env]\nA = \"1\"\n";
  const std::string before = "[mcp_servers.coderank]\ncommand = \"old\"\n" + below;
  EXPECT_EQ(Set(before), std::string(kTable) + below);
  EXPECT_EQ(Remove(before), "");
}

TEST(TomlEditTest, WhatCannotBeUnderstoodIsRefused) {
  for (const char* text : {"a = ", "[a", "mcp_servers = { coderank = { command = \"x\" } }\n",
                           "[mcp_servers]\ncoderank.command = \"x\"\n", "mcp_servers = 1\n",
                           "[mcp_servers]\ncoderank = { command = \"x\" }\n"}) {
    EXPECT_FALSE(SetTable(text, kName, kTable)) << text;
  }
  EXPECT_EQ(Remove("a = 1\n"), "a = 1\n");
}

}  // namespace
}  // namespace coderank::agents
