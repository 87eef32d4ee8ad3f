#include "source/git_excludes.h"

#include <gtest/gtest.h>

#include "support/process.h"
#include "support/temp_dir.h"

namespace coderank {
namespace {

// Texts of a configuration file; the expected values are git's own.
TEST(GitExcludesTest, ReadsTheKeyAsGitDoes) {
  const std::string texts[] = {
      "[core]\n\texcludesFile = /a\n",
      "[CORE]\nEXCLUDESFILE=/a b # comment\n",
      "[core] excludesfile = /a\n",
      "[core]\nexcludesfile = \"/a # b\" ; c\n",
      "[core]\nexcludesfile = /a\\\nb\n",
      "[core]\nexcludesfile = /\\\"a\\\\b\\t\n",
      "[core]\nexcludesfile = /first\n[core]\nexcludesfile = /last\n",
      "[core \"sub\"]\nexcludesfile = /a\n",
      "[user]\nexcludesfile = /a\n[core]\nother = 1\n",
      "# [core]\n[core]\n; excludesfile = /a\n",
      "[core]\r\nexcludesfile = /a  \r\n[user]\r\nname = x\r\n",
      "[user]\nname = [core] excludesfile\n",
      "[core]\nexcludesfile =\n",
      "[core]\nexcludesfile = /a",
      "",
  };
  testing::TempDir folder;
  for (const std::string& text : texts) {
    folder.Write("config", text);
    const auto git = testing::RunProcess(
        {"git", "config", "-z", "-f", (folder.path() / "config").native(), "core.excludesFile"});
    const auto value = ParseExcludesFile(text);
    ASSERT_EQ(value.has_value(), git.exit_code == 0) << text << git.err;
    if (value) {
      EXPECT_EQ(*value + '\0', git.out) << text;
    }
  }
}

TEST(GitExcludesTest, BrokenTextsAreHarmless) {
  for (const char* text : {"[", "[core", "]", "[core]\n=", "[core]\nexcludesfile", "\\",
                           "[core]\n\"", "[core]\nexcludesfile=\\", "[core]\nexcludesfile=\"/a"}) {
    (void)ParseExcludesFile(text);
  }
  EXPECT_FALSE(ParseExcludesFile("[core]\nexcludesfile").has_value());
}

}  // namespace
}  // namespace coderank
